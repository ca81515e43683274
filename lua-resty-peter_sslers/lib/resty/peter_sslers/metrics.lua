-- Counters: kept in each worker, added up in the shared dict once a second.

local M = {}

local dict = assert(ngx.shared.cert_cache, "nginx.conf has no `lua_shared_dict cert_cache`")
local PREFIX = "count/"
local FLUSH_S = 1

-- In the order of the metrics route; what never happened is shown as 0.
local NAMES = {
    'handshakes_total{served="memory"}',
    'handshakes_total{served="shared"}',
    'handshakes_total{served="fetched"}',
    'handshakes_total{served="stale"}',
    'handshakes_total{served="default"}',
    'handshakes_total{served="refused"}',
    'lookups_total{source="redis",outcome="found"}',
    'lookups_total{source="redis",outcome="unknown"}',
    'lookups_total{source="redis",outcome="failed"}',
    'lookups_total{source="peter",outcome="found"}',
    'lookups_total{source="peter",outcome="unknown"}',
    'lookups_total{source="peter",outcome="failed"}',
    'lookups_total{source="autocert",outcome="found"}',
    'lookups_total{source="autocert",outcome="unknown"}',
    'lookups_total{source="autocert",outcome="failed"}',
    "lookups_refused_total",
    "preloaded_total",
    "evictions_total",
    "expires_total",
}

local counted = {}

function M.count(name, times)
    counted[name] = (counted[name] or 0) + (times or 1)
end

function M.served(how)
    M.count('handshakes_total{served="' .. how .. '"}')
end

function M.looked(source, outcome)
    M.count('lookups_total{source="' .. source .. '",outcome="' .. outcome .. '"}')
end

function M.flush()
    for name, times in pairs(counted) do
        counted[name] = nil
        dict:incr(PREFIX .. name, times, 0)
    end
end

function M.start()
    local ok, err = ngx.timer.every(FLUSH_S, M.flush)
    if not ok then
        ngx.log(ngx.ERR, "peter_sslers: no timer: ", err)
    end
end

-- Prometheus text, format 0.0.4.
function M.text()
    M.flush()
    local lines = {}
    for _, name in ipairs(NAMES) do
        local value = dict:get(PREFIX .. name) or 0
        lines[#lines + 1] = ("peter_sslers_%s %d"):format(name, value)
    end
    lines[#lines + 1] = ("peter_sslers_cache_bytes %d"):format(dict:capacity())
    lines[#lines + 1] = ("peter_sslers_cache_free_bytes %d"):format(dict:free_space())
    return table.concat(lines, "\n") .. "\n"
end

return M
