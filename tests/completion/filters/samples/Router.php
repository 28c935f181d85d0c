<?php

declare(strict_types=1);

namespace Example\Http;

use Closure;
use InvalidArgumentException;

final class Router
{
    /** @var array<string, array<string, Closure>> */
    private array $routes = [];

    private const METHODS = ['GET', 'POST', 'PUT', 'DELETE'];

    public function __construct(private readonly string $prefix = '')
    {
    }

    public function add(string $method, string $path, Closure $handler): self
    {
        $method = strtoupper($method);
        if (!in_array($method, self::METHODS, true)) {
            throw new InvalidArgumentException("unknown method: {$method}");
        }
        $this->routes[$method][$this->pattern($path)] = $handler;

        return $this;
    }

    public function dispatch(string $method, string $path): Response
    {
        foreach ($this->routes[$method] ?? [] as $pattern => $handler) {
            if (preg_match($pattern, $path, $matches) !== 1) {
                continue;
            }
            $arguments = array_filter($matches, 'is_string', ARRAY_FILTER_USE_KEY);

            return $handler(...$arguments);
        }

        return new Response(404, 'not found');
    }

    private function pattern(string $path): string
    {
        $quoted = preg_quote($this->prefix . $path, '#');
        $named = preg_replace('/\\\\\{(\w+)\\\\\}/', '(?<$1>[^/]+)', $quoted);

        return "#^{$named}$#";
    }

    public static function json(mixed $data, int $status = 200): Response
    {
        return new Response($status, json_encode($data, JSON_THROW_ON_ERROR), [
            'Content-Type' => 'application/json',
            'Cache-Control' => 'no-store',
        ]);
    }
}
