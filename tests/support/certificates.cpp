#include "tests/support/certificates.hpp"

#include <stdexcept>

#include <openssl/evp.h>
#include <openssl/pem.h>
#include <openssl/x509.h>
#include <openssl/x509v3.h>

namespace meshdns::support {
namespace {

using Key = std::unique_ptr<EVP_PKEY, decltype(&EVP_PKEY_free)>;
using X509Ptr = std::unique_ptr<X509, decltype(&X509_free)>;
using BioPtr = std::unique_ptr<BIO, decltype(&BIO_free)>;

void require(bool done) {
  if (!done) {
    throw std::runtime_error("OpenSSL cannot make a certificate");
  }
}

Key new_key() {
  Key key(EVP_EC_gen("P-256"), &EVP_PKEY_free);
  require(key != nullptr);
  return key;
}

void add_extension(X509& certificate, X509& issuer, int kind, const std::string& value) {
  X509V3_CTX context;
  X509V3_set_ctx(&context, &issuer, &certificate, nullptr, nullptr, 0);
  X509_EXTENSION* const extension = X509V3_EXT_conf_nid(nullptr, &context, kind, value.c_str());
  require(extension != nullptr && X509_add_ext(&certificate, extension, -1) == 1);
  X509_EXTENSION_free(extension);
}

X509Ptr new_certificate(EVP_PKEY& key, const char* subject, long serial) {
  X509Ptr certificate(X509_new(), &X509_free);
  require(certificate != nullptr);
  X509_set_version(certificate.get(), 2);
  ASN1_INTEGER_set(X509_get_serialNumber(certificate.get()), serial);
  X509_gmtime_adj(X509_getm_notBefore(certificate.get()), -3600);
  X509_gmtime_adj(X509_getm_notAfter(certificate.get()), 3600);
  X509_NAME_add_entry_by_txt(X509_get_subject_name(certificate.get()), "CN", MBSTRING_ASC,
                             reinterpret_cast<const unsigned char*>(subject), -1, -1, 0);
  X509_set_pubkey(certificate.get(), &key);
  return certificate;
}

std::string text_of(BIO& bio) {
  const char* data = nullptr;
  const long size = BIO_get_mem_data(&bio, &data);
  return {data, static_cast<std::size_t>(size)};
}

std::string pem_of(X509& certificate) {
  const BioPtr bio(BIO_new(BIO_s_mem()), &BIO_free);
  PEM_write_bio_X509(bio.get(), &certificate);
  return text_of(*bio);
}

std::string pem_of(EVP_PKEY& key) {
  const BioPtr bio(BIO_new(BIO_s_mem()), &BIO_free);
  PEM_write_bio_PrivateKey(bio.get(), &key, nullptr, nullptr, 0, nullptr, nullptr);
  return text_of(*bio);
}

}  // namespace

struct CertificateAuthority::Keys {
  Key key = new_key();
  X509Ptr certificate = new_certificate(*key, "meshdns test authority", 1);
};

CertificateAuthority::CertificateAuthority() : keys_(std::make_unique<Keys>()) {
  X509& own = *keys_->certificate;
  X509_set_issuer_name(&own, X509_get_subject_name(&own));
  add_extension(own, own, NID_basic_constraints, "critical,CA:TRUE");
  require(X509_sign(&own, keys_->key.get(), EVP_sha256()) != 0);
  pem_ = pem_of(own);
}

CertificateAuthority::~CertificateAuthority() = default;

Certificate CertificateAuthority::issue(std::string_view name) const {
  const Key key = new_key();
  const X509Ptr certificate = new_certificate(*key, "meshdns test server", 2);
  X509_set_issuer_name(certificate.get(), X509_get_subject_name(keys_->certificate.get()));
  add_extension(*certificate, *keys_->certificate, NID_subject_alt_name, std::string(name));
  require(X509_sign(certificate.get(), keys_->key.get(), EVP_sha256()) != 0);
  return {.pem = pem_of(*certificate), .key_pem = pem_of(*key)};
}

}  // namespace meshdns::support
