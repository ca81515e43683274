-- From PEM to what OpenSSL works with, once it is certain that key and certificate belong together.

local ffi = require "ffi"
local ssl = require "ngx.ssl"

local M = {}

-- Under names of our own: other modules may declare the same functions in another way.
ffi.cdef [[
    void *peter_sslers_first(const void *chain, int index) __asm__("OPENSSL_sk_value");
    int peter_sslers_match(const void *certificate, const void *key)
        __asm__("X509_check_private_key");
    int peter_sslers_kind(const void *key) __asm__("EVP_PKEY_get_base_id");
    int peter_sslers_kind_1(const void *key) __asm__("EVP_PKEY_base_id");
]]

-- Between the certificates, and between the keys, of two key technologies.
local SEPARATOR = "\30"

-- nginx may have been linked so that its OpenSSL can not be reached; then the handshake has the last word.
local function asked(name, ...)
    local has, call = pcall(function()
        return ffi.C[name]
    end)
    if has then
        return call(...)
    end
end

local function kind(key)
    return asked("peter_sslers_kind", key) or asked("peter_sslers_kind_1", key)
end

local function parsed(cert, pkey)
    local chain, err = ssl.parse_pem_cert(cert)
    if not chain then
        return nil, "certificate: " .. (err or "not PEM")
    end
    local key, key_err = ssl.parse_pem_priv_key(pkey)
    if not key then
        return nil, "private key: " .. (key_err or "not PEM")
    end
    local leaf = asked("peter_sslers_first", chain, 0)
    if leaf and asked("peter_sslers_match", leaf, key) ~= 1 then
        return nil, "the private key is not the certificate's"
    end
    return { cert = chain, pkey = key }
end

local function split(text)
    local first, second = text:match("^([^\30]*)\30(.*)$")
    return first or text, second
end

-- One or two parsed certificates with their keys, of a pair of texts; or nil and the reason.
function M.parse(pair)
    local cert, cert_2 = split(pair.cert)
    local pkey, pkey_2 = split(pair.pkey)
    local first, err = parsed(cert, pkey)
    if not first then
        return nil, err
    end
    local second = cert_2 and pkey_2 and parsed(cert_2, pkey_2)
    return { first, second or nil }
end

-- Of pairs, the first one, joined with the first one of another key technology.
function M.joined(pairs_found)
    local first = pairs_found[1]
    local one = parsed(first.cert, first.pkey)
    for index = 2, #pairs_found do
        local other = pairs_found[index]
        local two = one and parsed(other.cert, other.pkey)
        if two and kind(two.pkey) ~= kind(one.pkey) then
            return {
                cert = first.cert .. SEPARATOR .. other.cert,
                pkey = first.pkey .. SEPARATOR .. other.pkey,
            }
        end
    end
    return first
end

return M
