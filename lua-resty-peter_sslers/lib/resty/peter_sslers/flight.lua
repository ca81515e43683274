-- Look-ups that run beside the handshakes: one of a name at a time, over all workers.

local cache = require "resty.peter_sslers.cache"
local metrics = require "resty.peter_sslers.metrics"
local options = require "resty.peter_sslers.options"
local peter = require "resty.peter_sslers.peter"
local sources = require "resty.peter_sslers.sources"
local store = require "resty.peter_sslers.store"

local M = {}

local log, ERR = ngx.log, ngx.ERR

-- The marker of a running autocert lives a little longer than its renewal takes.
local MARKER_S, RENEW_S = 10, 4
-- Between two looks of a waiting handshake.
local SHORTEST_S, LONGEST_S = 0.002, 0.02
-- An expiry while we ask makes the answer void: then ask again.
local ATTEMPTS = 3

local under_way = { lookups = 0, autocerts = 0 }

-- Run `work(...)` in a timer and count it. False where there are too many of its kind.
local function spawn(kind, work, ...)
    if under_way[kind] >= options[kind] then
        metrics.count("lookups_refused_total")
        return false
    end
    under_way[kind] = under_way[kind] + 1
    local ok, err = ngx.timer.at(0, function(premature, ...)
        local done, fault = pcall(work, premature, ...)
        under_way[kind] = under_way[kind] - 1
        if not done then
            log(ERR, "peter_sslers: ", kind, ": ", fault)
        end
    end, ...)
    if not ok then
        under_way[kind] = under_way[kind] - 1
        log(ERR, "peter_sslers: no timer: ", err)
    end
    return ok
end

local function keep_marker(name)
    while true do
        store.set_autocert(name, store.token(name), MARKER_S)
        ngx.sleep(RENEW_S)
    end
end

local function autocert(premature, name, ways)
    if premature then
        return
    end
    local token = store.token(name)
    local keeper = ngx.thread.spawn(keep_marker, name)
    local outcome, found = peter.autocert(name, ways.url, ways.preferences)
    ngx.thread.kill(keeper)
    local pair = outcome == "found" and sources.usable(name, found)
    if not store.is_current(name, token) then
        store.forget(name)
    elseif pair then
        cache.set_pair(name, pair, token)
    else
        cache.set_unknown(name, token)
    end
end

local function order(name, ways, token)
    if spawn("autocerts", autocert, name, ways) then
        store.set_autocert(name, token, MARKER_S)
    end
end

local function conclude(candidates, tokens, outcome, where, pair)
    if outcome == "failed" then
        store.set_failed(candidates[1])
        return
    end
    for _, candidate in ipairs(candidates) do
        if candidate == where then
            cache.set_pair(where, pair, tokens[where])
            return
        end
        cache.set_unknown(candidate, tokens[candidate])
    end
end

local function all_current(tokens)
    for name, token in pairs(tokens) do
        if not store.is_current(name, token) then
            return false
        end
    end
    return true
end

local function look(name, ways)
    local deadline = ngx.now() + options.lookup_timeout
    for _ = 1, ATTEMPTS do
        local candidates, tokens = sources.candidates(name), {}
        for _, candidate in ipairs(candidates) do
            tokens[candidate] = store.token(candidate)
        end
        local outcome, where, pair = sources.look(candidates, ways, deadline)
        if all_current(tokens) then
            conclude(candidates, tokens, outcome, where, pair)
            if outcome == "unknown" and ways.autocert and ways.url then
                order(name, ways, tokens[name])
            end
            return
        end
    end
end

local function locked_look(premature, name, ways)
    local done, fault = true, nil
    if not premature then
        done, fault = pcall(look, name, ways)
    end
    store.unlock(name)
    if not done then
        store.set_failed(name)
        error(fault, 0)
    end
end

-- Begin to look a name up. "running" (also by another worker), "known" meanwhile, "resting" after
-- a failure, or "busy". `seen` is the entry that the caller wants to be replaced.
function M.start(name, ways, seen)
    if store.has_failed(name) then
        return "resting"
    elseif not store.lock(name, options.lookup_timeout + 2) then
        return "running"
    end
    -- Another worker may have ended between our look at the memory and our lock.
    local entry = cache.get(name)
    if entry and (not seen or entry.since ~= seen.since) then
        store.unlock(name)
        return "known"
    end
    if spawn("lookups", locked_look, name, ways) then
        return "running"
    end
    store.unlock(name)
    return "busy"
end

-- Look a name up and wait for the end of it, until `deadline`.
function M.join(name, ways, seen, deadline)
    local pause, joined = SHORTEST_S, false
    while ngx.now() < deadline do
        if joined and not store.is_locked(name) then
            return
        end
        local state = joined and "running" or M.start(name, ways, seen)
        if state == "known" or state == "resting" then
            return
        end
        joined = state == "running"
        ngx.sleep(math.min(pause, math.max(deadline - ngx.now(), 0.001)))
        pause = math.min(pause * 2, LONGEST_S)
    end
end

return M
