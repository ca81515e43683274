-- The shared dict: what all workers know about a name, and when they have to forget it.
--
-- `NAME:c` and `NAME:k` are the PEM of certificate and key. `NAME:c` alone is a marker. The flags of
-- `:c` hold the generation it belongs to, those of `:k` the second since which it is known.
-- Other keys have a slash in them, which no name has.

local metrics = require "resty.peter_sslers.metrics"
local options = require "resty.peter_sslers.options"

local M = {}

local log = ngx.log

local dict = ngx.shared.cert_cache
-- Where there is a dict for them, names that nobody knows can not push out certificates.
local misses = ngx.shared.cert_cache_misses or dict

local UNKNOWN, AUTOCERT = "x", "ac"
local STATES = { [UNKNOWN] = "unknown", [AUTOCERT] = "autocert" }

-- Longer than a parsed pair or a look-up lives: whoever began before the expiry has ended.
local EXPIRED_S = 3600
-- What a marker takes, and the share of the dict that markers may take.
local MARKER_BYTES, MARKERS = 256, 0.1
-- Refreshes of pairs that came at the same time are spread over this share of their life.
local SPREAD = 0.1

-- The generation: a pair of another one is not valid any more.
local function generation()
    local now = dict:get("generation")
    if not now then
        dict:add("generation", ngx.time())
        now = dict:get("generation")
    end
    return now
end

-- What has to be the same when an answer comes as it was when it was asked for.
function M.token(name)
    return { generation = generation(), expired = dict:get("expired/" .. name) or 0 }
end

function M.is_current(name, token)
    return token.generation == generation()
        and token.expired == (dict:get("expired/" .. name) or 0)
end

local function keep(where, key, value, seconds, flags)
    local ok, err, forcible = where:set(key, value, seconds, flags)
    if not ok then
        log(ngx.ERR, "shared `cert_cache` takes no more: ", err)
    elseif forcible then
        metrics.count("evictions_total")
    end
    return ok
end

-- { state = "pair", cert, pkey, since }, { state = "unknown" or "autocert" }, or nil.
function M.read(name)
    local now = generation()
    local cert, made_in = dict:get(name .. ":c")
    if made_in ~= now then
        cert, made_in = misses:get(name .. ":c")
    end
    if not cert or made_in ~= now then
        return nil
    elseif STATES[cert] then
        return { state = STATES[cert] }
    end
    local pkey, since = dict:get(name .. ":k")
    return pkey and { state = "pair", cert = cert, pkey = pkey, since = since or 0 }
end

function M.forget(name)
    dict:delete(name .. ":c")
    dict:delete(name .. ":k")
    if misses ~= dict then
        misses:delete(name .. ":c")
    end
end

-- The second since which it is known; nil when the name was expired after the token was taken:
-- then nothing is kept.
function M.set_pair(name, pair, token)
    local since = ngx.time() - math.random(0, math.floor(options.cert_cache_duration * SPREAD))
    if keep(dict, name .. ":k", pair.pkey, options.stale_duration, since) then
        keep(dict, name .. ":c", pair.cert, options.stale_duration, token.generation)
    end
    if misses ~= dict then
        misses:delete(name .. ":c")
    end
    misses:delete("failed/" .. name)
    if M.is_current(name, token) then
        return since
    end
    M.forget(name)
end

-- Names that strangers make up may not push out the others.
local function has_room()
    if misses ~= dict then
        return true
    end
    local most = dict:capacity() * MARKERS / MARKER_BYTES
    return dict:incr("markers", 1, 0, options.negative_duration) <= most
end

-- Nobody has a certificate for the name. False where there is no room to remember that.
function M.set_unknown(name, token)
    dict:delete(name .. ":c")
    dict:delete(name .. ":k")
    if options.negative_duration == 0 or not has_room() then
        return false
    end
    keep(misses, name .. ":c", UNKNOWN, options.negative_duration, token.generation)
    if not M.is_current(name, token) then
        M.forget(name)
    end
    return true
end

-- A CA is being asked; says so for some seconds.
function M.set_autocert(name, token, seconds)
    keep(misses, name .. ":c", AUTOCERT, seconds, token.generation)
end

-- Nobody asks again for a while, which differs so that not all come back at the same time.
function M.set_failed(name)
    if options.failure_duration > 0 and has_room() then
        local seconds = options.failure_duration * (1 + math.random())
        keep(misses, "failed/" .. name, generation(), seconds)
    end
end

function M.has_failed(name)
    return misses:get("failed/" .. name) == generation()
end

-- One look-up of a name at a time, over all workers; `seconds` in case that its worker dies.
function M.lock(name, seconds)
    return dict:add("lock/" .. name, ngx.worker.pid(), seconds)
end

function M.unlock(name)
    dict:delete("lock/" .. name)
end

function M.is_locked(name)
    return dict:get("lock/" .. name) ~= nil
end

-- Leave a source alone that did not answer.
function M.pause(source, seconds)
    if seconds > 0 then
        dict:set("paused/" .. source, true, seconds)
    end
end

function M.is_paused(source)
    return dict:get("paused/" .. source) ~= nil
end

-- At once, in every worker: what they have parsed belongs to the generation before.
function M.expire_all()
    local before = generation()
    dict:set("generation", math.max(before + 1, ngx.time()))
    misses:delete("markers")
    metrics.count("expires_total")
end

function M.expire(name)
    dict:incr("expired/" .. name, 1, 0, EXPIRED_S)
    M.forget(name)
    misses:delete("failed/" .. name)
    metrics.count("expires_total")
end

local function sorted(names)
    table.sort(names)
    return names
end

-- At most `most` keys: the names with a pair, the unknown ones, and those a CA is asked for.
function M.list(most)
    local lists = { pair = {}, unknown = {}, autocert = {} }
    local seen = {}
    for _, where in ipairs({ dict, misses }) do
        for _, key in ipairs(where:get_keys(most)) do
            local name = key:match("^([^/]+):c$")
            local entry = name and not seen[name] and M.read(name)
            if entry then
                seen[name] = true
                table.insert(lists[entry.state], name)
            end
        end
    end
    return sorted(lists.pair), sorted(lists.unknown), sorted(lists.autocert)
end

return M
