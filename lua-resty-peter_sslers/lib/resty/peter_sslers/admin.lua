-- The routes that Peter, and operators, call: expire, status and metrics.

local json = require "resty.peter_sslers.json"
local metrics = require "resty.peter_sslers.metrics"
local names = require "resty.peter_sslers.names"
local options = require "resty.peter_sslers.options"
local store = require "resty.peter_sslers.store"
local version = require "resty.peter_sslers.version"

local M = {}

local log, NOTICE = ngx.log, ngx.NOTICE

-- Keys that status looks at. A name has two.
local LISTED = 1024
local NOTE = "This is a max(1024) listening of keys in the ngx.shared.DICT `cert_cache`. "
    .. "This does not show the worker's own LRU cache, or Redis."

local function answer(status, ...)
    local members = { ... }
    members[#members + 1] = { "server", "peter_sslers:openresty" }
    members[#members + 1] = { "server_version", version }
    ngx.status = status
    ngx.header["Content-Type"] = "application/json"
    ngx.header["X-Peter-SSLers"] = version
    ngx.print(json.write(json.object(unpack(members))))
    return ngx.exit(ngx.OK)
end

-- Where the handler is mounted does not matter: the end of the path says what is wanted.
local function wanted()
    return ngx.var.args and "" or ngx.var.uri
end

local function malformed()
    log(ngx.ERR, "expire_ssl_certs - malformed request : ", names.printable(ngx.var.request_uri))
    return answer(
        ngx.HTTP_NOT_FOUND,
        { "result", "error" },
        { "expired", "None" },
        { "reason", "Unknown URI" }
    )
end

function M.expire()
    log(NOTICE, "expire_ssl_certs")
    local path = wanted()
    if path:find("/expire/all$") then
        store.expire_all()
        return answer(ngx.HTTP_OK, { "result", "success" }, { "expired", "all" })
    end
    local domain = path:match("/expire/domain/([%w.-]+)$")
        or path:match("/expire/domain/(%*%.[%w.-]+)$")
    if not domain then
        return malformed()
    end
    store.expire(domain:lower())
    return answer(
        ngx.HTTP_OK,
        { "result", "success" },
        { "expired", "domain" },
        { "domain", domain }
    )
end

local function status()
    local valid, invalid, autocert = store.list(LISTED)
    local expiries = json.object(
        { "ngx.shared.cert_cache", options.cert_cache_duration },
        { "resty.lrucache", options.lru_cache_duration }
    )
    local maxitems = json.object({ "resty.lrucache", options.lru_maxitems })
    return answer(
        ngx.HTTP_OK,
        { "result", "success" },
        { "note", NOTE },
        {
            "keys",
            json.object({ "valid", valid }, { "invalid", invalid }, { "autocert", autocert }),
        },
        { "config", json.object({ "expiries", expiries }, { "maxitems", maxitems }) }
    )
end

-- Prometheus text.
function M.metrics()
    ngx.header["Content-Type"] = "text/plain; version=0.0.4"
    ngx.header["X-Peter-SSLers"] = version
    ngx.print(metrics.text())
    return ngx.exit(ngx.OK)
end

-- Also `…/metrics`, where the location of the status lets it through.
function M.status()
    log(NOTICE, "status_ssl_certs")
    if ngx.var.uri:find("/metrics$") then
        return M.metrics()
    end
    return status()
end

return M
