-- `expect(what, got, wanted)`: says where two texts, numbers or flat tables differ, and goes on.

local failed = false

local function shown(value)
    if type(value) ~= "table" then
        return type(value) .. " " .. tostring(value)
    end
    local parts = {}
    for key, item in pairs(value) do
        parts[#parts + 1] = tostring(key) .. "=" .. shown(item)
    end
    table.sort(parts)
    return "{" .. table.concat(parts, ", ") .. "}"
end

local function expect(what, got, wanted)
    if shown(got) ~= shown(wanted) then
        failed = true
        print(("%s: got %s, wanted %s"):format(what, shown(got), shown(wanted)))
    end
end

local function finish()
    os.exit(failed and 1 or 0)
end

return { expect = expect, finish = finish }
