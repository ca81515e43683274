-- The certificate of every TLS handshake, by its server name: from memory, from Redis or from Peter.
--
-- set_ssl_certificate says what is looked up where; the rest is set up at the start of nginx.

local admin = require "resty.peter_sslers.admin"
local cache = require "resty.peter_sslers.cache"
local handshake = require "resty.peter_sslers.handshake"
local memory = require "resty.peter_sslers.memory"
local metrics = require "resty.peter_sslers.metrics"
local names = require "resty.peter_sslers.names"
local options = require "resty.peter_sslers.options"
local peter = require "resty.peter_sslers.peter"
local pem = require "resty.peter_sslers.pem"
local preload = require "resty.peter_sslers.preload"
local redis = require "resty.peter_sslers.redis"
local ssl = require "ngx.ssl"
local store = require "resty.peter_sslers.store"

local log, DEBUG, NOTICE, ERR = ngx.log, ngx.DEBUG, ngx.NOTICE, ngx.ERR

local M = { _VERSION = require "resty.peter_sslers.version" }

-- For init_by_lua.
function M.initialize()
    log(NOTICE, "peter_sslers.initialize")
    return true
end

-- For init_worker_by_lua. Seconds that a pair is fresh in the shared dict, seconds and names of the
-- worker's own memory; nil keeps what is set.
function M.initialize_worker(cert_cache_duration, lru_cache_duration, lru_maxitems)
    log(NOTICE, "peter_sslers.initialize_worker")
    options.set({
        cert_cache_duration = cert_cache_duration,
        lru_cache_duration = lru_cache_duration,
        lru_maxitems = lru_maxitems,
    })
    memory.start()
    metrics.start()
    return true
end

-- For init_by_lua: options by name, see the README. Raises an error for one that does not exist.
function M.configure(chosen)
    options.set(chosen)
    return true
end

-- For init_by_lua; all three are set.
M.redis_update_defaults = options.set_redis

-- For init_worker_by_lua: fill the shared dict from Redis, which Peter has primed in this style.
function M.preload(redis_strategy)
    return preload.start(redis_strategy)
end

local function install(name, certificates)
    local ok, err = ssl.clear_certs()
    for _, one in ipairs(certificates) do
        if ok then
            ok, err = ssl.set_cert(one.cert)
        end
        if not ok then
            log(ERR, "failed to set ssl certificate : ", name, " ", err)
            return
        end
        log(DEBUG, "set ssl certificate : ", name)
        ok, err = ssl.set_priv_key(one.pkey)
        if not ok then
            log(ERR, "failed to set ssl private key : ", name, " ", err)
            return
        end
        log(DEBUG, "set ssl private key : ", name)
    end
end

local function tell(ways)
    if ways.strategy then
        log(DEBUG, "Redis: lookup enabled")
    end
    if ways.url then
        log(DEBUG, "UpstreamAPI: lookup enabled")
    end
    if ways.autocert then
        log(DEBUG, "UpstreamAPI: autocert enabled")
    end
end

-- For ssl_certificate_by_lua: the handshake's certificate, or the server's default. The style of
-- Redis (1, 2, or nil for none), Peter's URL with the admin prefix (or nil), whether unknown names
-- are ordered, and the members of config.json to take (or nil), most preferred first.
function M.set_ssl_certificate(redis_strategy, fallback_server, enable_autocert, cert_preferences)
    local sni = ssl.server_name()
    local name, reason = names.clean(sni)
    if not name then
        metrics.served("refused")
        log(DEBUG, "no look-up: ", reason, " : ", names.printable(sni or ""))
        return
    end
    log(DEBUG, "set_ssl_certificate : ", name)
    if redis_strategy ~= nil and redis_strategy ~= 1 and redis_strategy ~= 2 then
        log(ERR, "Redis: invalid `redis_strategy` not (1, 2) is ", tostring(redis_strategy))
        return
    end
    local ways = {
        strategy = redis_strategy,
        url = fallback_server,
        autocert = enable_autocert,
        preferences = cert_preferences,
    }
    tell(ways)
    log(DEBUG, "SNI Lookup for : ", name)
    local certificates, how = handshake.find(name, ways)
    metrics.served(how)
    if not certificates then
        log(DEBUG, "unable to provide ssl for : ", name)
        return
    end
    log(DEBUG, "can provide ssl for : ", name)
    install(name, certificates)
end

M.expire_ssl_certs = admin.expire
M.status_ssl_certs = admin.status
M.metrics_ssl_certs = admin.metrics

M.get_redcon = redis.connect
M.redis_keepalive = redis.keep

function M.prime_1__query_redis(redcon, name)
    return redis.read(redcon, 1, name)
end

function M.prime_2__query_redis(redcon, name)
    return redis.read(redcon, 2, name)
end

function M.certificate_pairing()
    return { cert = nil, pkey = nil }
end

local function first_of(outcome, found)
    return outcome == "found" and found[1] or M.certificate_pairing()
end

function M.query_api_upstream(fallback_server, name, cert_preferences)
    local deadline = ngx.now() + options.lookup_timeout
    return first_of(peter.look(name, fallback_server, cert_preferences, deadline))
end

function M.query_api_autocert(fallback_server, name, cert_preferences)
    return first_of(peter.autocert(name, fallback_server, cert_preferences))
end

function M.certificate_pairing_pem_to_cdata(pair, cdata)
    local certificates = pem.parse(pair)
    local first = certificates and certificates[1] or {}
    cdata.cert, cdata.pkey = first.cert, first.pkey
    return cdata
end

function M.set_cert_lrucache(name, cdata)
    memory.put(name, {
        state = "pair",
        certificates = { cdata },
        since = ngx.time(),
        token = store.token(name),
    })
end

function M.set_cert_sharedcache(name, pair)
    return cache.set_pair(name, pair, store.token(name))
end

return M
