-- Server names as clients send them: cleaned, judged, and made fit for a log line.

local M = {}

local LONGEST = 253 -- RFC 1035 § 2.3.4, without the root's dot
local LONGEST_LABEL = 63

local function is_label(text)
    return #text <= LONGEST_LABEL
        and text:find("^[a-z0-9-]+$") ~= nil
        and not text:find("^%-")
        and not text:find("%-$")
end

-- The name as it is looked up, in lower case and without the root's dot; or nil and the reason.
function M.clean(sni)
    if type(sni) ~= "string" or sni == "" then
        return nil, "no name"
    end
    local name = sni:lower():gsub("%.$", "")
    if #name > LONGEST then
        return nil, "too long"
    end
    local last
    for label in (name .. "."):gmatch("(.-)%.") do
        if not is_label(label) then
            return nil, "not a host name"
        end
        last = label
    end
    -- An IP address, or what Peter would take for the id of a row.
    if last:find("^%d+$") then
        return nil, "digits only"
    end
    return name
end

-- `*.example.com` of `www.example.com`; nil where no wildcard certificate can cover the name.
function M.wildcard(name)
    local parent = name:match("^[^.*]+%.(.+)$")
    return parent and parent:find(".", 1, true) and "*." .. parent or nil
end

-- What a stranger sent, as it may stand in a log line.
function M.printable(text)
    local escaped = tostring(text):sub(1, LONGEST):gsub("[^%w%.%*_-]", function(char)
        return ("\\x%02x"):format(char:byte())
    end)
    return escaped
end

return M
