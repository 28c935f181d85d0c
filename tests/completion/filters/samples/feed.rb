# frozen_string_literal: true

require "net/http"
require "time"

module Feed
  Entry = Struct.new(:title, :url, :published, keyword_init: true) do
    def recent?(days = 7)
      published && published > Time.now - days * 86_400
    end
  end

  class Reader
    TIMEOUT = 10

    attr_reader :entries

    def initialize(url, cache: nil)
      @url = URI(url)
      @cache = cache
      @entries = []
    end

    def fetch
      body = @cache&.read(@url.to_s) || download
      parse(body).each do |entry|
        next if entry.title.empty?

        @entries << entry
      end
      self
    rescue SocketError => error
      warn "#{@url.host}: #{error.message}"
      self
    end

    def by_day
      @entries.group_by { |entry| entry.published&.to_date }
    end

    private

    def download
      Net::HTTP.start(@url.host, @url.port, open_timeout: TIMEOUT) do |http|
        response = http.get(@url.path)
        unless response.is_a?(Net::HTTPSuccess)
          raise "status #{response.code}"
        end
        response.body
      end
    end

    def parse(body)
      body.scan(%r{<item>(.*?)</item>}m).map do |(item)|
        Entry.new(
          title: item[/<title>(.*?)<\/title>/, 1].to_s.strip,
          url: item[/<link>(.*?)<\/link>/, 1],
          published: parse_time(item[/<pubDate>(.*?)<\/pubDate>/, 1])
        )
      end
    end

    def parse_time(text)
      text && Time.parse(text)
    end
  end
end
