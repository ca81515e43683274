-- Reading the URL of Peter, and writing names and requests.

local M = {}

local PORTS = { http = 80, https = 443 }

-- { scheme, host, port, authority, path } of an absolute URL; nil if it is none.
function M.parse(url)
    local scheme, authority, path = tostring(url):match("^(https?)://([^/?#@%s]+)([^?#%s]*)$")
    if not scheme or not path:find("^/") and path ~= "" then
        return nil
    end
    local host, port = authority:match("^(%[[%x:.]+%]):?(%d*)$")
    if not host then
        host, port = authority:match("^([^:]+):?(%d*)$")
    end
    if not host then
        return nil
    end
    return {
        scheme = scheme,
        host = host,
        port = tonumber(port) or PORTS[scheme],
        authority = authority,
        path = (path:gsub("/+$", "")),
    }
end

function M.escape(text)
    local escaped = text:gsub("[^%w%.~_-]", function(char)
        return ("%%%02X"):format(char:byte())
    end)
    return escaped
end

-- An HTTP/1.0 request: its answer is never chunked and ends with the connection.
function M.request(method, target, headers, body)
    local lines = { method .. " " .. target .. " HTTP/1.0" }
    for _, header in ipairs(headers) do
        lines[#lines + 1] = header[1] .. ": " .. header[2]
    end
    if body then
        lines[#lines + 1] = "Content-Type: application/x-www-form-urlencoded"
        lines[#lines + 1] = "Content-Length: " .. #body
    end
    return table.concat(lines, "\r\n") .. "\r\n\r\n" .. (body or "")
end

-- The status and the body of an answer, once it is whole; `ended`: nothing more will come.
function M.response(text, ended)
    local status, head, body = text:match("^HTTP/1%.%d (%d%d%d)(.-)\r?\n\r?\n(.*)$")
    if not status then
        return nil
    end
    local length = tonumber((head .. "\n"):lower():match("\ncontent%-length:%s*(%d+)%s*\n"))
    if length and #body >= length then
        return tonumber(status), body:sub(1, length)
    elseif ended and not length then
        return tonumber(status), body
    end
end

return M
