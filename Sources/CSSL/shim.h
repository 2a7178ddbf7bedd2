#pragma once

#include <openssl/err.h>
#include <openssl/ssl.h>
#include <openssl/x509.h>

// OpenSSL's names for these are macros that Swift cannot read. No renegotiation and no compression;
// no tickets, so that every connection shows its certificate anew; the end of the bytes is the end,
// with or without a farewell.
static const uint64_t roost_ssl_options = SSL_OP_NO_RENEGOTIATION | SSL_OP_NO_COMPRESSION
  | SSL_OP_NO_TICKET | SSL_OP_IGNORE_UNEXPECTED_EOF;
