-- What this worker has parsed. An entry counts only while nobody has expired its name.

local lrucache = require "resty.lrucache"
local options = require "resty.peter_sslers.options"
local store = require "resty.peter_sslers.store"

local M = {}

local log, DEBUG = ngx.log, ngx.DEBUG

local MISSES = 1000

local parsed, unknown

-- Begins anew, with the sizes of the options.
function M.start()
    local err
    parsed, err = lrucache.new(options.lru_maxitems)
    if parsed then
        unknown, err = lrucache.new(MISSES)
    end
    if not unknown then
        error("peter_sslers: no worker cache: " .. tostring(err))
    end
end

local function started()
    if not unknown then
        M.start()
    end
end

local function current(cache, name)
    local entry, old = cache:get(name)
    if entry and store.is_current(name, entry.token) then
        return entry
    end
    return nil, entry or old
end

-- { state = "pair", certificates, since, sum, token }; or nil, and one whose time is over.
function M.get(name)
    started()
    return current(parsed, name)
end

function M.put(name, entry)
    started()
    log(DEBUG, "caching cert & key cdata into the worker : ", name)
    parsed:set(name, entry, options.lru_cache_duration)
end

-- For names that the shared dict has no room for.
function M.put_unknown(name, token)
    started()
    unknown:set(name, { token = token }, options.negative_duration)
end

function M.is_unknown(name)
    started()
    return current(unknown, name) ~= nil
end

return M
