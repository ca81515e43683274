local answers = require "resty.peter_sslers.answers"
local test = require "expect"

local MULTI, SINGLE = "certificate_signed__latest_multi", "certificate_signed__latest_single"

local function certificate(word)
    return { fullchain = { id = "1,1", pem = word .. " chain" }, private_key = { id = "1", pem = word .. " key" } }
end

local function pair(word)
    return { cert = word .. " chain", pkey = word .. " key" }
end

local function judge(...)
    return { answers.judge(...) }
end

local both = { [MULTI] = certificate("multi"), [SINGLE] = certificate("single") }
test.expect("multi first", judge(200, both), { "found", { pair("multi"), pair("single") } })
test.expect("as preferred", judge(200, both, { SINGLE }), { "found", { pair("single") } })
-- cjson's null is no table and no text.
local nulls = { [MULTI] = true, [SINGLE] = certificate("single") }
test.expect("null is passed over", judge(200, nulls), { "found", { pair("single") } })
test.expect("no certificate", judge(200, { domain = { is_active = true } }), { "unknown" })
test.expect("disabled", judge(200, { domain = { is_active = false } }), { "disabled" })
local ids = { fullchain = { id = "1" }, private_key = { id = "1" } }
test.expect("ids only", judge(200, { [MULTI] = ids }), { "unknown" })
local empty = { fullchain = { pem = "" }, private_key = { pem = "x" } }
test.expect("empty text", judge(200, { [MULTI] = empty }), { "unknown" })
test.expect("not found", judge(404, { message = "no" }), { "unknown" })
test.expect("not found, and not by Peter", judge(404, nil), { "failed" })
test.expect("no JSON", judge(200, nil), { "failed" })
for _, status in ipairs({ 301, 401, 403, 429, 500, 502, 503 }) do
    test.expect(tostring(status), judge(status, both), { "failed" })
end

test.finish()
