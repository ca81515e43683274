local json = require "resty.peter_sslers.json"
local test = require "expect"

test.expect(
    "order and separators",
    json.write(json.object({ "b", 1 }, { "a", json.object({ "list", { "x", "y" } }, { "none", {} }) })),
    '{"b": 1, "a": {"list": ["x", "y"], "none": []}}'
)
test.expect("escapes", json.write('a"b\\c\n\1\127\255'), '"a\\u0022b\\u005cc\\u000a\\u0001\\u007f\\u00ff"')
test.expect("words", json.write({ true, false, 0.5 }), "[true, false, 0.5]")

test.finish()
