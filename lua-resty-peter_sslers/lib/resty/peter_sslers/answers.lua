-- What an answer of Peter says about a name. Nothing here does I/O.

local M = {}

M.PREFERENCES = { "certificate_signed__latest_multi", "certificate_signed__latest_single" }

local function is_text(value)
    return type(value) == "string" and value ~= ""
end

local function pair_of(certificate)
    if type(certificate) ~= "table" then
        return nil
    end
    local full, key = certificate.fullchain, certificate.private_key
    if type(full) ~= "table" or type(key) ~= "table" then
        return nil
    end
    if is_text(full.pem) and is_text(key.pem) then
        return { cert = full.pem, pkey = key.pem }
    end
end

-- The pairs of a domain's config.json, most preferred first.
function M.pairs_of(document, preferences)
    local found = {}
    for _, name in ipairs(preferences or M.PREFERENCES) do
        found[#found + 1] = pair_of(document[name])
    end
    return found
end

-- "found" and the pairs, "unknown", "disabled" or "failed", of an HTTP status and the JSON that came with it.
function M.judge(status, document, preferences)
    if type(document) ~= "table" then
        return "failed"
    elseif status == 404 then
        return "unknown"
    elseif status ~= 200 then
        return "failed"
    end
    local found = M.pairs_of(document, preferences)
    if #found > 0 then
        return "found", found
    end
    local domain = document.domain
    local disabled = type(domain) == "table" and domain.is_active == false
    return disabled and "disabled" or "unknown"
end

return M
