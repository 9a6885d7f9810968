#!/bin/sh
# Makes the certificates of the tests anew: throw-away keys that guard nothing, valid for a hundred years.
# Usage: sh make.sh (needs OpenSSL 3; ca.key, the key that signs, is made once more and thrown away)
set -eu
cd "$(dirname "$0")"
ca() {
  openssl req -x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 36500 -subj "$2" \
    -keyout "$1.key" -out "$1.pem" -addext basicConstraints=critical,CA:true \
    -addext keyUsage=critical,keyCertSign 2>/dev/null
}
leaf() { # name, signing CA, subject, extension lines
  openssl req -new -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -subj "$3" -multivalue-rdn \
    -keyout "$1.key" -out leaf.csr 2>/dev/null
  printf "$4" >leaf.ext
  openssl x509 -req -in leaf.csr -CA "$2.pem" -CAkey "$2.key" -set_serial "0x$(openssl rand -hex 8)" -days 36500 \
    -extfile leaf.ext -out "$1.pem" 2>/dev/null
  rm leaf.csr leaf.ext
}
SERVER='extendedKeyUsage=serverAuth\nsubjectAltName='
CLIENT='extendedKeyUsage=clientAuth\n'
ca ca '/O=Bulkhead tests/CN=ca'
ca other-ca '/O=Bulkhead tests/CN=other ca'
leaf server ca '/CN=localhost' "${SERVER}DNS:localhost,IP:127.0.0.1,IP:::1\n"
leaf server2 ca '/CN=localhost two' "${SERVER}DNS:localhost,IP:127.0.0.1,IP:::1\n"
leaf email ca '/O=Bulkhead/CN=email user' "${CLIENT}subjectAltName=email:email@example.com\n"
leaf dns ca '/O=Bulkhead/CN=dns user' "${CLIENT}subjectAltName=DNS:client.example.com\n"
leaf uri ca '/O=Bulkhead/CN=uri user' "${CLIENT}subjectAltName=URI:spiffe://example.com/user\n"
leaf alice ca '/O=NATS/OU=Strangers/CN=Alice' "$CLIENT"
leaf alice-twice ca '/O=NATS/CN=Alice/CN=Alice' "$CLIENT"
leaf dc ca '/DC=com/DC=example/OU=users/CN=bob' "$CLIENT"
leaf odd ca '/O=Acme, Inc. \\+ #1/CN= spaced;"<>' "$CLIENT"
leaf multi ca '/O=NATS/CN=Multi+OU=Part' "$CLIENT"
leaf stranger other-ca '/O=Bulkhead/CN=email user' "${CLIENT}subjectAltName=email:email@example.com\n"
rm ca.key other-ca.key other-ca.pem
