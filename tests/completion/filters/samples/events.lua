--- Events with any number of listeners.
local Events = {}
Events.__index = Events

local unpack = table.unpack or unpack

function Events.new(options)
  options = options or {}
  return setmetatable({
    listeners = {},
    limit = options.limit or 10,
    on_error = options.on_error,
  }, Events)
end

function Events:on(name, callback)
  local list = self.listeners[name]
  if not list then
    list = {}
    self.listeners[name] = list
  end
  if #list >= self.limit then
    error(("too many listeners for %q"):format(name), 2)
  end
  list[#list + 1] = callback
  return function()
    self:off(name, callback)
  end
end

function Events:off(name, callback)
  local list = self.listeners[name] or {}
  for i = #list, 1, -1 do
    if list[i] == callback then
      table.remove(list, i)
    end
  end
end

function Events:once(name, callback)
  local off
  off = self:on(name, function(...)
    off()
    callback(...)
  end)
end

function Events:emit(name, ...)
  local arguments = { ... }
  local called = 0
  for _, callback in ipairs(self.listeners[name] or {}) do
    local ok, message = pcall(callback, unpack(arguments))
    if ok then
      called = called + 1
    elseif self.on_error then
      self.on_error(name, message)
    end
  end
  return called
end

return Events
