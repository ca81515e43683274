local test = require "expect"
local urls = require "resty.peter_sslers.urls"

local function parts(url)
    local parsed = urls.parse(url)
    return parsed and { parsed.scheme, parsed.host, parsed.port, parsed.authority, parsed.path }
end

test.expect(
    "usual",
    parts("http://127.0.0.1:7201/.well-known/admin"),
    { "http", "127.0.0.1", 7201, "127.0.0.1:7201", "/.well-known/admin" }
)
test.expect("usual port", parts("https://peter.example/"), { "https", "peter.example", 443, "peter.example", "" })
test.expect("IPv6", parts("http://[::1]:80/a"), { "http", "[::1]", 80, "[::1]:80", "/a" })
local WRONG = {
    "", "peter.example", "ftp://a/b", "http://", "http://a b/", "http://u@a/", "http://a/?x",
    "http://a:b/",
}
for _, wrong in ipairs(WRONG) do
    test.expect(wrong, parts(wrong), nil)
end

test.expect("escape", urls.escape("*.a-b_c~/?&=% \1"), "%2A.a-b_c~%2F%3F%26%3D%25%20%01")

test.expect("get", urls.request("GET", "/a", { { "Host", "h" } }), "GET /a HTTP/1.0\r\nHost: h\r\n\r\n")
test.expect(
    "post",
    urls.request("POST", "/a", { { "Host", "h" } }, "x=1"),
    "POST /a HTTP/1.0\r\nHost: h\r\nContent-Type: application/x-www-form-urlencoded\r\nContent-Length: 3\r\n\r\nx=1"
)

local function response(text, ended)
    return { urls.response(text, ended) }
end

local SIZED = "HTTP/1.1 200 OK\r\nA: b\r\ncontent-length: 2\r\n\r\n"
test.expect("sized", response(SIZED .. "{}"), { 200, "{}" })
test.expect("sized, and more", response(SIZED .. "{}x"), { 200, "{}" })
test.expect("not all there", response(SIZED .. "{"), {})
test.expect("cut off", response(SIZED .. "{", true), {})
test.expect("until the end", response("HTTP/1.0 404 No\r\n\r\nab", true), { 404, "ab" })
test.expect("not ended", response("HTTP/1.0 404 No\r\n\r\nab", false), {})
test.expect("half a head", response("HTTP/1.0 404 No\r\nA: b\r\n"), {})
test.expect("no HTTP", response("SSH-2.0\r\n\r\n", true), {})

test.finish()
