#include "service/tls/tls_files.h"

#include <gmock/gmock.h>
#include <openssl/pem.h>
#include <sys/stat.h>

#include <fstream>
#include <iterator>
#include <tuple>

#include "service/tls/memory_file.h"
#include "tests/support/certificates.h"
#include "tests/support/temp_dir.h"

namespace owo::tls {
namespace {

using ::testing::AllOf;
using ::testing::HasSubstr;
using ::testing::Not;

const absl::Time kNow = absl::Now();

std::string Encrypted(const std::string& key) {
  BIO* const in = BIO_new_mem_buf(key.data(), static_cast<int>(key.size()));
  EVP_PKEY* const parsed = PEM_read_bio_PrivateKey(in, nullptr, nullptr, nullptr);
  BIO* const out = BIO_new(BIO_s_mem());
  char password[] = "secret";
  PEM_write_bio_PKCS8PrivateKey(out, parsed, EVP_aes_256_cbc(), password, 6, nullptr, nullptr);
  char* data = nullptr;
  const auto size = BIO_get_mem_data(out, &data);
  std::string text(data, static_cast<size_t>(size));
  BIO_free_all(out);
  EVP_PKEY_free(parsed);
  BIO_free_all(in);
  return text;
}

std::string Content(const std::string& path) {
  std::ifstream in(path, std::ios::binary);
  return {std::istreambuf_iterator<char>(in), {}};
}

class TlsFilesTest : public ::testing::Test {
 protected:
  TlsTexts Texts() const {
    return {.cert = pair_.cert, .key = pair_.key, .client_ca = client_ca_.pem()};
  }
  void ExpectRefused(const TlsTexts& texts, const std::string& why) {
    const absl::Status status = CheckTls(texts, kNow).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(std::string(status.message()), AllOf(HasSubstr(why), Not(HasSubstr("PRIVATE"))));
  }

  const TestCa ca_{"server CA"};
  const TestCa client_ca_{"client CA"};
  const TestCertificate pair_ = ca_.Issue({.not_after = kNow + absl::Hours(5)});
};

TEST_F(TlsFilesTest, APairThatFitsIsTakenWithItsChain) {
  TlsTexts texts = Texts();
  texts.cert = "a comment\n" + pair_.cert + ca_.pem();
  const absl::StatusOr<TlsMaterial> material = CheckTls(texts, kNow);
  ASSERT_TRUE(material.ok()) << material.status();
  EXPECT_EQ(material->identity, pair_.key + pair_.cert + ca_.pem());
  EXPECT_EQ(material->client_ca, client_ca_.pem());
  EXPECT_EQ(absl::ToUnixSeconds(material->cert_not_after),
            absl::ToUnixSeconds(kNow + absl::Hours(5)));
  EXPECT_LT(material->client_ca_not_after, absl::InfiniteFuture());
}

TEST_F(TlsFilesTest, WhatDoesNotFitIsRefused) {
  const TestCertificate other = ca_.Issue();
  TlsTexts texts = Texts();
  texts.key = other.key;
  ExpectRefused(texts, "does not belong to the certificate");
  texts = Texts();
  texts.cert = pair_.key;
  ExpectRefused(texts, "no certificate");
  texts = Texts();
  texts.cert = pair_.cert + ca_.pem().substr(0, ca_.pem().size() / 2);
  ExpectRefused(texts, "the certificate");
  texts = Texts();
  texts.key = pair_.cert;
  ExpectRefused(texts, "the private key");
  texts.key = pair_.key.substr(0, 100);
  ExpectRefused(texts, "the private key");
  texts.key = Encrypted(pair_.key);
  ExpectRefused(texts, "encrypted");
  texts = Texts();
  texts.client_ca = "none";
  ExpectRefused(texts, "the client CA");
}

TEST_F(TlsFilesTest, ACertificateIsTakenOnlyWhileItIsValid) {
  for (const auto& [from, until, why] :
       {std::tuple(-2, -1, "expired"), {1, 2, "not valid before"}}) {
    const CertificateSpec spec{.not_before = kNow + absl::Hours(from),
                               .not_after = kNow + absl::Hours(until)};
    const TestCertificate pair = ca_.Issue(spec);
    ExpectRefused({.cert = pair.cert, .key = pair.key}, why);
    const TestCa ca("client CA", spec);
    TlsTexts texts = Texts();
    texts.client_ca = ca.pem();
    ExpectRefused(texts, why);
    // One that is valid is enough.
    texts.client_ca += client_ca_.pem();
    EXPECT_TRUE(CheckTls(texts, kNow).ok());
  }
}

TEST_F(TlsFilesTest, AFileThatCannotBeReadIsNamed) {
  const TempDir dir;
  const std::string cert = dir.path() + "/tls.crt";
  const std::string key = dir.path() + "/tls.key";
  WriteText(cert, pair_.cert);
  const auto refusal = [&] {
    return std::string(ReadTlsFiles({.cert = cert, .key = key}).status().message());
  };
  EXPECT_THAT(refusal(), HasSubstr(key));
  WriteText(key, "");
  EXPECT_THAT(refusal(), AllOf(HasSubstr(key), HasSubstr("empty")));
  WriteText(key, std::string((1 << 20) + 1, 'x'));
  EXPECT_THAT(refusal(), AllOf(HasSubstr(key), HasSubstr("1048576")));
  WriteText(key, pair_.key);
  const absl::StatusOr<TlsTexts> texts = ReadTlsFiles({.cert = cert, .key = key});
  ASSERT_TRUE(texts.ok()) << texts.status();
  EXPECT_EQ(*texts, (TlsTexts{.cert = pair_.cert, .key = pair_.key}));
}

TEST(MemoryFileTest, IsReplacedAsAWholeWithALaterTime) {
  const auto file = MemoryFile::Make("test", "old content");
  ASSERT_TRUE(file.ok()) << file.status();
  const std::string path = (*file)->path();
  std::ifstream reader(path, std::ios::binary);
  struct stat before {};
  ASSERT_EQ(stat(path.c_str(), &before), 0);
  ASSERT_TRUE((*file)->Replace("new").ok());
  struct stat after {};
  ASSERT_EQ(stat(path.c_str(), &after), 0);
  EXPECT_EQ(Content(path), "new");
  EXPECT_EQ(std::string(std::istreambuf_iterator<char>(reader), {}), "old content");
  EXPECT_GT(after.st_mtime, before.st_mtime);
}

}  // namespace
}  // namespace owo::tls
