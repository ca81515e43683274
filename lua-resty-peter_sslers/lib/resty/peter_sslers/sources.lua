-- Where certificates come from: Redis, then Peter; the name itself, then the wildcard above it.

local cache = require "resty.peter_sslers.cache"
local names = require "resty.peter_sslers.names"
local options = require "resty.peter_sslers.options"
local pem = require "resty.peter_sslers.pem"
local peter = require "resty.peter_sslers.peter"
local redis = require "resty.peter_sslers.redis"

local M = {}

-- The names to ask for. A wildcard that is fresh is not asked for again and again.
function M.candidates(name)
    local wildcard = names.wildcard(name)
    local above = wildcard and cache.get(wildcard)
    if above and above.state == "pair" and cache.is_fresh(above) then
        wildcard = nil
    end
    return { name, wildcard }
end

-- The pair to keep, of those a source has; nil if OpenSSL can not work with it.
function M.usable(name, found)
    local pair = options.dual and pem.joined(found) or found[1]
    local certificates, err = pem.parse(pair)
    if certificates then
        return pair
    end
    ngx.log(ngx.ERR, "failed to retrieve PEM for : ", name, " ", err)
end

local function first_found(candidates, ask)
    local none = "unknown"
    for index, name in ipairs(candidates) do
        local outcome, found = ask(name)
        local pair = outcome == "found" and M.usable(name, found)
        if pair then
            return "found", name, pair
        elseif outcome == "found" or outcome == "failed" then
            return "failed"
        elseif index == 1 then
            none = outcome
        end
    end
    return none
end

-- `ways` = { strategy, url, autocert, preferences }, see set_ssl_certificate.
-- "found", the name it was found under and its pair; "unknown", "disabled" or "failed".
function M.look(candidates, ways, deadline)
    local outcome, name, pair = "unknown", nil, nil
    if ways.strategy then
        outcome, name, pair = first_found(candidates, function(candidate)
            return redis.look(candidate, ways.strategy)
        end)
    end
    if outcome ~= "found" and ways.url then
        return first_found(candidates, function(candidate)
            return peter.look(candidate, ways.url, ways.preferences, deadline)
        end)
    end
    return outcome, name, pair
end

return M
