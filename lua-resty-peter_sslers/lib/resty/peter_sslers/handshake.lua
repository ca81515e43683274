-- Which certificate a handshake gets, and how long it may wait for it.

local cache = require "resty.peter_sslers.cache"
local flight = require "resty.peter_sslers.flight"
local names = require "resty.peter_sslers.names"
local options = require "resty.peter_sslers.options"

local M = {}

-- Older than this many times its life, a pair is served only when no newer one can be had in time.
local TOO_OLD = 2

local function is_pair(entry)
    return entry ~= nil and entry.state == "pair"
end

local function is_too_old(entry)
    return is_pair(entry) and cache.age(entry) >= TOO_OLD * options.cert_cache_duration
end

-- Whether to wait for a look-up: nothing is known, or nothing that is any use.
local function must_ask(entry, wildcard, above)
    if is_pair(entry) then
        return is_too_old(entry)
    elseif entry == nil then
        return true
    end
    return entry.state == "unknown" and wildcard ~= nil and (above == nil or is_too_old(above))
end

local function choose(entry, above)
    return is_pair(entry) and entry or is_pair(above) and above or nil
end

-- The parsed certificates, and how they were come by; nil for the server's default.
-- Waits at most options.handshake_timeout.
function M.find(name, ways)
    local deadline = ngx.now() + options.handshake_timeout
    local wildcard = names.wildcard(name)
    local entry, how = cache.get(name)
    local above
    if not is_pair(entry) then
        above = wildcard and cache.get(wildcard)
    end
    if must_ask(entry, wildcard, above) then
        flight.join(name, ways, entry, deadline)
        entry, how = cache.get(name) or entry, "fetched"
        above = wildcard and not is_pair(entry) and cache.get(wildcard) or above
    end
    local chosen = choose(entry, above)
    if not chosen then
        return nil, "default"
    elseif not cache.is_fresh(chosen) then
        how = "stale"
        flight.start(name, ways, entry)
    end
    return chosen.certificates, how
end

return M
