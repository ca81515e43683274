-- The two memories as one: the worker's parsed certificates before the shared PEM.

local memory = require "resty.peter_sslers.memory"
local options = require "resty.peter_sslers.options"
local pem = require "resty.peter_sslers.pem"
local store = require "resty.peter_sslers.store"

local M = {}

local log, DEBUG = ngx.log, ngx.DEBUG

local UNKNOWN = { state = "unknown" }

function M.age(entry)
    return ngx.time() - entry.since
end

function M.is_fresh(entry)
    return M.age(entry) < options.cert_cache_duration
end

-- Parsed, unless what this worker had parsed before is the same certificate.
local function entry_of(state, token, old)
    local sum = ngx.crc32_long(state.cert)
    local certificates, err
    if old and old.sum == sum then
        certificates = old.certificates
    else
        certificates, err = pem.parse(state)
    end
    if not certificates then
        return nil, err
    end
    return {
        state = "pair",
        certificates = certificates,
        since = state.since,
        sum = sum,
        token = token,
    }
end

local function shared(name, old)
    local token = store.token(name)
    local state = store.read(name)
    if not state then
        return memory.is_unknown(name) and UNKNOWN or nil
    elseif state.state ~= "pair" then
        return state
    end
    local entry, err = entry_of(state, token, old)
    if entry then
        memory.put(name, entry)
    end
    return entry, err
end

-- What is known of a name, and where from: an entry of the worker's memory (see memory.get),
-- { state = "unknown" or "autocert" }, or nil.
function M.get(name)
    local entry, old = memory.get(name)
    if entry and M.is_fresh(entry) then
        log(DEBUG, "cert_lrucache HIT for : ", name)
        return entry, "memory"
    end
    log(DEBUG, "cert_lrucache MISS for : ", name)
    local found, err = shared(name, entry or old)
    if err then
        -- Perhaps a worker was between the certificate and the key: look again.
        found, err = shared(name)
    end
    if err then
        log(ngx.ERR, "shared `cert_cache` holds what is no use for : ", name, " ", err)
        store.forget(name)
    end
    log(DEBUG, "shared `cert_cache` ", found and "HIT" or "MISS", " for : ", name)
    return found, "shared"
end

-- False when the name was expired since the token was taken.
function M.set_pair(name, pair, token)
    log(DEBUG, "caching PEM cert & key into the shared cache : ", name)
    local since = store.set_pair(name, pair, token)
    if not since then
        return false
    end
    local state = { cert = pair.cert, pkey = pair.pkey, since = since }
    local entry = entry_of(state, token)
    if entry then
        memory.put(name, entry)
    end
    return true
end

function M.set_unknown(name, token)
    if not store.set_unknown(name, token) then
        memory.put_unknown(name, token)
    end
end

return M
