-- One request over a cosocket, bounded in time and size. `https` needs lua_ssl_trusted_certificate.

local options = require "resty.peter_sslers.options"
local urls = require "resty.peter_sslers.urls"

local M = {}

local MOST_BYTES = 1024 * 1024
local PIECE = 64 * 1024

local function headers(url)
    local list = {
        { "Host", url.authority },
        { "User-Agent", "lua-resty-peter_sslers" },
        { "Accept", "application/json" },
        { "Connection", "close" },
    }
    if options.peter_token then
        list[#list + 1] = { "Authorization", "Bearer " .. options.peter_token }
    elseif options.peter_username then
        local both = options.peter_username .. ":" .. (options.peter_password or "")
        list[#list + 1] = { "Authorization", "Basic " .. ngx.encode_base64(both) }
    end
    return list
end

-- False when the time is over.
local function wait_until(socket, deadline)
    local left = (deadline - ngx.now()) * 1000
    if left < 1 then
        return false
    end
    socket:settimeouts(math.min(left, options.peter_connect_timeout * 1000), left, left)
    return true
end

local function connected(socket, url, deadline)
    if not wait_until(socket, deadline) then
        return nil, "timeout"
    end
    local ok, err = socket:connect(url.host, url.port)
    if ok and url.scheme == "https" then
        local name = options.peter_server_name or url.host
        ok, err = socket:sslhandshake(false, name, options.peter_ssl_verify)
    end
    return ok, err
end

local function received(socket, deadline)
    local text = ""
    while #text <= MOST_BYTES do
        if not wait_until(socket, deadline) then
            return nil, "timeout"
        end
        local piece, err = socket:receiveany(PIECE)
        if not piece and err ~= "closed" then
            return nil, err
        end
        text = text .. (piece or "")
        local status, body = urls.response(text, not piece)
        if status then
            return status, body
        elseif not piece then
            return nil, "the answer is not whole"
        end
    end
    return nil, "the answer is too long"
end

-- Status and body; or nil and the reason. With a body the request is a POST.
function M.ask(address, target, body, deadline)
    local url = urls.parse(address)
    if not url then
        return nil, "not a URL"
    end
    local text = urls.request(body and "POST" or "GET", url.path .. target, headers(url), body)
    local socket = ngx.socket.tcp()
    local ok, err = connected(socket, url, deadline)
    if ok then
        ok, err = socket:send(text)
    end
    local status, answer
    if ok then
        status, answer = received(socket, deadline)
        err = answer
    end
    socket:close()
    return status, status and answer or err
end

return M
