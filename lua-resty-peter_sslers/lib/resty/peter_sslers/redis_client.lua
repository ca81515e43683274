-- A small Redis client over cosockets, with that part of resty.redis' interface which we use.

local M = {}
M.__index = M

local COMMANDS = { "auth", "get", "hmget", "scan", "select" }
local MOST_BYTES = 1024 * 1024

function M.new()
    return setmetatable({ socket = ngx.socket.tcp() }, M)
end

function M:set_timeouts(connect, send, read)
    self.socket:settimeouts(connect, send, read)
end

-- (host, port, options) or (path, options); options as those of resty.redis.
function M:connect(host, port, chosen)
    if type(port) == "table" then
        port, chosen = nil, port
    end
    chosen = chosen or {}
    local ok, err
    if port then
        ok, err = self.socket:connect(host, port, { pool = chosen.pool })
    else
        ok, err = self.socket:connect(host, { pool = chosen.pool })
    end
    if ok and chosen.ssl and self.socket:getreusedtimes() == 0 then
        ok, err = self.socket:sslhandshake(false, chosen.server_name, chosen.ssl_verify)
    end
    return ok, err
end

function M:get_reused_times()
    return self.socket:getreusedtimes()
end

function M:set_keepalive(...)
    return self.socket:setkeepalive(...)
end

function M:close()
    return self.socket:close()
end

local function encoded(...)
    local words = { ... }
    local parts = { "*" .. #words .. "\r\n" }
    for _, word in ipairs(words) do
        word = tostring(word)
        parts[#parts + 1] = "$" .. #word .. "\r\n" .. word .. "\r\n"
    end
    return table.concat(parts)
end

local read

local function read_bulk(socket, size)
    if size < 0 then
        return ngx.null
    elseif size > MOST_BYTES then
        return nil, "too long"
    end
    local text, err = socket:receive(size + 2)
    return text and text:sub(1, size), err
end

local function read_list(socket, size)
    local list = {}
    for index = 1, size do
        local value, err = read(socket)
        if value == nil then
            return nil, err
        end
        list[index] = value
    end
    return list
end

-- nil and the reason where the connection fails, false and the server's word where it refuses.
function read(socket)
    local line, err = socket:receive()
    if not line then
        return nil, err
    end
    local kind, rest = line:sub(1, 1), line:sub(2)
    if kind == "$" then
        return read_bulk(socket, tonumber(rest))
    elseif kind == "*" then
        return read_list(socket, tonumber(rest))
    elseif kind == ":" then
        return tonumber(rest)
    elseif kind == "-" then
        return false, rest
    end
    return rest
end

function M:init_pipeline()
    self.pipeline = {}
end

function M:commit_pipeline()
    local requests = self.pipeline
    self.pipeline = nil
    local sent, err = self.socket:send(table.concat(requests))
    if not sent then
        return nil, err
    end
    return read_list(self.socket, #requests)
end

for _, command in ipairs(COMMANDS) do
    M[command] = function(self, ...)
        local request = encoded(command, ...)
        if self.pipeline then
            table.insert(self.pipeline, request)
            return
        end
        local sent, err = self.socket:send(request)
        if not sent then
            return nil, err
        end
        return read(self.socket)
    end
end

return M
