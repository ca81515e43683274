-- Peter's API as a source of certificates.

local cjson = require "cjson.safe"
local answers = require "resty.peter_sslers.answers"
local http = require "resty.peter_sslers.http"
local metrics = require "resty.peter_sslers.metrics"
local options = require "resty.peter_sslers.options"
local store = require "resty.peter_sslers.store"
local urls = require "resty.peter_sslers.urls"

local M = {}

local log, DEBUG, ERR = ngx.log, ngx.DEBUG, ngx.ERR

local SOURCE = "peter"

local function present(value)
    return value ~= nil and value ~= cjson.null
end

local function narrate(name, outcome, document)
    log(DEBUG, "API response ", outcome == "found" and "HIT" or "MISS", " for : ", name)
    if type(document) ~= "table" then
        return
    end
    for _, field in ipairs({ "result", "notes", "message" }) do
        if type(document[field]) == "string" then
            local line = document[field]:gsub("%c+", " ")
            log(DEBUG, "API response['", field, "'] = ", line)
        end
    end
    for _, field in ipairs({ "instructions", "form_errors" }) do
        if present(document[field]) then
            log(ERR, "API response['", field, "'] IS NOT NULL. ERROR")
        end
    end
end

local function judged(name, preferences, status, body)
    if not status then
        log(ERR, "UpstreamAPI: no answer for : ", name, " ", body)
        store.pause(SOURCE, options.peter_pause)
        return "failed"
    end
    local document = cjson.decode(body)
    local outcome, found = answers.judge(status, document, preferences)
    if outcome == "failed" then
        log(ERR, "UpstreamAPI: answer is no use for : ", name, " status ", status)
    end
    narrate(name, outcome, document)
    return outcome, found
end

-- "found" and its pairs, "unknown", "disabled" or "failed".
function M.look(name, address, preferences, deadline)
    log(DEBUG, "query_api_upstream : ", name)
    if store.is_paused(SOURCE) then
        return "failed"
    end
    local target = "/domain/" .. urls.escape(name) .. "/config.json?openresty=1"
    log(DEBUG, "querying upstream API server at: ", address, target)
    deadline = math.min(deadline, ngx.now() + options.peter_timeout)
    local outcome, found = judged(name, preferences, http.ask(address, target, nil, deadline))
    metrics.looked("peter", outcome == "disabled" and "unknown" or outcome)
    return outcome, found
end

-- The same, from a CA if need be: this takes as long as a CA takes.
function M.autocert(name, address, preferences)
    local target = "/api/domain/autocert.json?openresty=1"
    log(DEBUG, "querying autocert API server at: ", address, target)
    local body = "domain_name=" .. urls.escape(name)
    local deadline = ngx.now() + options.autocert_timeout
    local outcome, found = judged(name, preferences, http.ask(address, target, body, deadline))
    metrics.looked("autocert", outcome == "disabled" and "unknown" or outcome)
    return outcome, found
end

return M
