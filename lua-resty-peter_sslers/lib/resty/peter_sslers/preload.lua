-- At the start, fill the shared dict from what Peter has primed Redis with.

local metrics = require "resty.peter_sslers.metrics"
local names = require "resty.peter_sslers.names"
local redis = require "resty.peter_sslers.redis"
local store = require "resty.peter_sslers.store"

local M = {}

local log = ngx.log

local PAGE = 200
-- The rest of the dict is for what handshakes ask for.
local FULL = 0.1

local function is_full()
    local dict = ngx.shared.cert_cache
    return dict:free_space() < dict:capacity() * FULL
end

-- A stored name, a wildcard too.
local function stored_name(key)
    local name = key:match("^d[12]:(.+)$")
    local plain = name and name:gsub("^%*%.", "", 1)
    return plain and names.clean(plain) == plain and name or nil
end

local function load_one(redcon, strategy, name)
    local token = store.token(name)
    if store.read(name) then
        return true
    end
    local pair, err = redis.read(redcon, strategy, name)
    if pair and store.set_pair(name, pair, token) then
        metrics.count("preloaded_total")
    end
    return not err, err
end

local function load_page(redcon, strategy, cursor)
    local answer, err = redcon:scan(cursor, "match", "d" .. strategy .. ":*", "count", PAGE)
    if not answer then
        return nil, err
    end
    for _, key in ipairs(answer[2]) do
        local name = stored_name(key)
        if name then
            local ok
            ok, err = load_one(redcon, strategy, name)
            if not ok then
                return nil, err
            end
        end
    end
    return answer[1]
end

local function load(premature, strategy)
    local redcon, err
    if not premature then
        redcon, err = redis.connect()
    end
    if not redcon then
        log(ngx.ERR, "Redis: could not get connection: ", err)
        return
    end
    local cursor = "0"
    repeat
        cursor, err = load_page(redcon, strategy, cursor)
    until not cursor or cursor == "0" or is_full() or ngx.worker.exiting()
    if cursor then
        redis.keep(redcon)
    else
        log(ngx.ERR, "Redis: preload ended early: ", err)
        redcon:close()
    end
end

-- For init_worker_by_lua; one worker does it for all.
function M.start(strategy)
    if ngx.worker.id() == 0 then
        return ngx.timer.at(0, load, strategy)
    end
    return true
end

return M
