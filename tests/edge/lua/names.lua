local names = require "resty.peter_sslers.names"
local test = require "expect"

local LABEL = ("a"):rep(63)
local LONGEST = table.concat({ LABEL, LABEL, LABEL, ("b"):rep(61) }, ".")

local CLEAN = {
    ["example.com"] = "example.com",
    ["WWW.Example.COM"] = "www.example.com",
    ["example.com."] = "example.com",
    ["localhost"] = "localhost",
    ["xn--bcher-kva.example"] = "xn--bcher-kva.example",
    ["1.example.com"] = "1.example.com",
    [LONGEST] = LONGEST,
    [LONGEST .. "."] = LONGEST,
}

local REFUSED = {
    "", ".", "..", "a..b", ".a", "a.b..", "../x", "a/b", "a b", "-a", "a-", "a.-b.c", "a_b", "*.a.b", "1", "127.0.0.1",
    "::1", "[::1]", "a\0b", "a\nb", "b\195\188cher.example", "a%00", "a:443", LABEL .. "a", LONGEST .. "a",
}

for given, wanted in pairs(CLEAN) do
    test.expect(given, (names.clean(given)), wanted)
end
for _, given in ipairs(REFUSED) do
    test.expect(("%q"):format(given), (names.clean(given)), nil)
end
test.expect("no name", (names.clean(nil)), nil)

test.expect("wildcard", names.wildcard("www.example.com"), "*.example.com")
test.expect("wildcard far down", names.wildcard("a.b.example.com"), "*.b.example.com")
test.expect("no wildcard of a top-level domain", names.wildcard("example.com"), nil)
test.expect("no wildcard of one label", names.wildcard("localhost"), nil)
test.expect("no wildcard of a wildcard", names.wildcard("*.example.com"), nil)

test.expect("printable", names.printable("a\nb\"\27[1m%*.-_"), "a\\x0ab\\x22\\x1b\\x5b1m\\x25*.-_")
test.expect("printable is short", #names.printable(("a"):rep(1000)), 253)

test.finish()
