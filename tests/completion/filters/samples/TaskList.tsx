import { useCallback, useEffect, useMemo, useState } from "react";

interface Task {
  id: number;
  title: string;
  done: boolean;
}

type Filter = "all" | "open" | "done";

interface Props {
  owner: string;
  load: (owner: string) => Promise<Task[]>;
}

export function TaskList({ owner, load }: Props) {
  const [tasks, setTasks] = useState<Task[]>([]);
  const [filter, setFilter] = useState<Filter>("all");

  useEffect(() => {
    let stale = false;
    load(owner).then((loaded) => {
      if (!stale) {
        setTasks(loaded);
      }
    });
    return () => {
      stale = true;
    };
  }, [owner, load]);

  const toggle = useCallback((id: number) => {
    setTasks((old) =>
      old.map((task) => (task.id === id ? { ...task, done: !task.done } : task)),
    );
  }, []);

  const visible = useMemo(
    () => tasks.filter((task) => filter === "all" || task.done === (filter === "done")),
    [tasks, filter],
  );

  if (tasks.length === 0) {
    return <p className="empty">Nothing to do, {owner}.</p>;
  }

  return (
    <section>
      <header>
        <button onClick={() => setFilter("open")}>Open</button>
        <button onClick={() => setFilter("done")}>Done</button>
      </header>
      <ul>
        {visible.map((task) => (
          <li key={task.id} onClick={() => toggle(task.id)}>
            <input type="checkbox" checked={task.done} readOnly />
            {task.title}
          </li>
        ))}
      </ul>
    </section>
  );
}
