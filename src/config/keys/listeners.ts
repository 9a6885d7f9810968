import { applied, later, laterWith, type SectionKeys } from './spec.ts';

/** `tls` */
export const TLS_KEYS = {
  cert_file: applied('file', '', 'Certificate of the server, PEM.'),
  key_file: applied('file', '', 'Its private key, PEM.'),
  certs: applied('list of {cert_file, key_file}', '', 'Several of these.'),
  ca_file: applied('file', '', 'Who may sign the certificates of clients, PEM.'),
  verify: applied('bool', 'false', 'Clients have to show a certificate.'),
  verify_and_map: applied('bool', 'false', 'That certificate says which user they are.'),
  timeout: applied('seconds or duration', '2s', 'How long a handshake may take.'),
  handshake_first: applied(
    'bool, auto or duration',
    'false',
    'The handshake goes before INFO; auto and a duration wait for it, then send INFO.',
    'first',
    'immediate',
  ),
  min_version: applied('"1.2" or "1.3"', '1.2', 'Oldest version of TLS.'),
  cipher_suites: applied('list', '', 'Cipher suites of TLS 1.2, by the names of Go.'),
  allow_insecure_cipher_suites: applied('bool', 'false', 'Whether weak ones may be among them.'),
  curve_preferences: applied('list', '', 'Curves, by the names of Go.'),
  pinned_certs: applied('list of hex', '', 'SHA-256 of the public keys that clients may have.'),
  connection_rate_limit: applied('int', '0', 'Handshakes in a second; 0 is unlimited.'),
  insecure: later('bool', 'Has a meaning for outgoing connections only.'),
  verify_cert_and_check_known_urls: applied('bool', 'false', 'Refused: for routes and leafnodes only.'),
  cert_store: applied('string', '', 'Refused: certificates come from files.'),
  cert_match_by: later('string', 'What a certificate is picked by from a store.'),
  cert_match: later('string', 'Which certificate is picked.'),
  cert_match_skip_invalid: later('bool', 'Whether expired ones are passed over.'),
  ca_certs_match: later('list', 'Which authorities are picked from a store.'),
  ocsp_peer: laterWith(
    'the state of client certificates is not checked',
    'bool or map',
    'Ask for the state of client certificates.',
  ),
} satisfies SectionKeys;

/** An item of `certs` of `tls` */
export const CERTIFICATE_KEYS = {
  cert_file: applied('file', '', 'Certificate of the server, PEM.'),
  key_file: applied('file', '', 'Its private key, PEM.'),
} satisfies SectionKeys;

/** `websocket` */
export const WEBSOCKET_KEYS = {
  listen: applied('host:port or port', '', 'Address and port in one.'),
  port: applied('int', '0', 'Port; -1 takes a free one, 0 switches the listener off.'),
  host: applied('string', '0.0.0.0', 'Address to listen on.', 'net'),
  advertise: applied(
    'host:port',
    '',
    'Address that servers of a cluster tell clients; alone, a server tells nobody.',
  ),
  tls: applied('map', '', 'Encryption; needed unless no_tls.'),
  no_tls: applied('bool', 'false', 'Without encryption.'),
  same_origin: applied('bool', 'false', 'Browsers have to come from this host.'),
  allowed_origins: applied(
    'string or list',
    'all',
    'Origins that browsers may come from.',
    'allowed_origin',
    'allow_origins',
    'allow_origin',
    'origins',
    'origin',
  ),
  handshake_timeout: applied('duration', '2s', 'How long TLS and upgrade may take.'),
  compression: applied('bool', 'false', 'Offer compression of frames.'),
  authorization: applied('map', '', 'A login of its own; excludes users.', 'authentication'),
  no_auth_user: applied('string', '', 'User that connections without credentials become.'),
  jwt_cookie: applied('string', '', 'Refused: there is no operator mode.'),
  user_cookie: applied('string', '', 'Cookie with the user, where CONNECT names none.'),
  pass_cookie: applied('string', '', 'Cookie with the password, where CONNECT has none.'),
  token_cookie: applied('string', '', 'Cookie with the token, where CONNECT has none.'),
  headers: applied('map of strings', '', 'Headers of the answer to an upgrade.'),
  ping_interval: applied('duration', '2m', 'How often a silent client is asked whether it lives.'),
} satisfies SectionKeys;

/** `authorization` of `websocket` */
export const OWN_LOGIN_KEYS = {
  user: applied('string', '', 'Name of the one user.', 'username'),
  password: applied('string', '', 'Password of the one user, plain or bcrypt.', 'pass'),
  token: applied('string', '', 'The one token, plain or bcrypt.'),
  timeout: applied('seconds or duration', '2s', 'How long a client may take to authenticate.'),
} satisfies SectionKeys;
