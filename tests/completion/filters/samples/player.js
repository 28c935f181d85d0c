import { EventEmitter } from "node:events";
import { readFile } from "node:fs/promises";

const DEFAULTS = {
  volume: 0.8,
  loop: false,
  formats: ["mp3", "ogg", "wav"],
};

export class Player extends EventEmitter {
  #queue = [];
  #current = null;

  constructor(options = {}) {
    super();
    this.options = { ...DEFAULTS, ...options };
  }

  add(track) {
    const format = track.file.split(".").pop();
    if (!this.options.formats.includes(format)) {
      throw new TypeError(`unsupported format: ${format}`);
    }
    this.#queue.push(track);
    this.emit("added", track);
    return this;
  }

  async next() {
    const track = this.#queue.shift();
    if (!track) {
      this.emit("end");
      return null;
    }
    try {
      track.data = await readFile(track.file);
      this.#current = track;
    } catch (error) {
      this.emit("error", error);
      return this.next();
    }
    if (this.options.loop) {
      this.#queue.push(track);
    }
    return track;
  }

  remaining() {
    return this.#queue
      .map((track) => track.seconds)
      .filter((seconds) => seconds > 0)
      .reduce((sum, seconds) => sum + seconds, 0);
  }
}

export function formatTime(seconds) {
  const minutes = Math.floor(seconds / 60);
  const rest = String(Math.round(seconds % 60)).padStart(2, "0");
  return `${minutes}:${rest}`;
}
