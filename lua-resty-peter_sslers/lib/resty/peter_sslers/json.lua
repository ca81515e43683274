-- The JSON of the admin routes: members in a given order, ": " and ", " between them.

local M = {}

local function escaped(char)
    return ("\\u%04x"):format(char:byte())
end

local function text(value)
    return '"' .. value:gsub('[%c"\\\127-\255]', escaped) .. '"'
end

local write

local function joined(list, open, close, each)
    local parts = {}
    for index, item in ipairs(list) do
        parts[index] = each(item)
    end
    return open .. table.concat(parts, ", ") .. close
end

local function member(pair)
    return text(pair[1]) .. ": " .. write(pair[2])
end

-- An object: `object({"name", value}, …)`, written in that order.
function M.object(...)
    return { members = { ... } }
end

function write(value)
    if type(value) == "string" then
        return text(value)
    elseif type(value) ~= "table" then
        return tostring(value)
    elseif value.members then
        return joined(value.members, "{", "}", member)
    end
    return joined(value, "[", "]", write)
end

-- Texts, numbers, booleans, lists and what `object` made.
M.write = write

return M
