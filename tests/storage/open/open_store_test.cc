// A store is opened by a URL.

#include "storage/open/open_store.h"

#include <gmock/gmock.h>
#include <gtest/gtest.h>
#include <rocksdb/env.h>

#include <memory>
#include <string>

#include "tests/support/store.h"

namespace owo::storage {
namespace {

using ::testing::HasSubstr;

TEST(StoreUrlTest, ADirectoryAloneIsOfTheEmbeddedStore) {
  for (const std::string place : {"/var/lib/owo", "./var", "var", "/a:b", "./a:b", "a b:c"}) {
    const auto url = ParseStoreUrl(place);
    ASSERT_TRUE(url.ok()) << url.status();
    EXPECT_EQ(url->kind, "rocksdb");
    EXPECT_EQ(url->place, place);
    const auto whole = ParseStoreUrl(url->ToString());
    ASSERT_TRUE(whole.ok()) << whole.status();
    EXPECT_EQ(whole->place, place);
  }
}

TEST(StoreUrlTest, AnUnknownKindIsNamedWithThoseThatAreKnown) {
  for (const std::string url : {"mysql:host", "mysql://host/db", "RocksDB:/data", "a:b"}) {
    const absl::Status status = ParseStoreUrl(url).status();
    EXPECT_TRUE(absl::IsInvalidArgument(status)) << status;
    EXPECT_THAT(std::string(status.message()), HasSubstr(url.substr(0, url.find(':'))));
    EXPECT_THAT(std::string(status.message()), HasSubstr("rocksdb:DIR"));
    EXPECT_EQ(OpenStore(url, {}).status(), status);
  }
}

TEST(StoreUrlTest, AStoreHasAPlace) {
  for (const char* const url : {"", "rocksdb:"}) {
    EXPECT_TRUE(absl::IsInvalidArgument(ParseStoreUrl(url).status())) << url;
  }
}

TEST(StoreUrlTest, WithAndWithoutKindItIsOneStore) {
  const std::unique_ptr<rocksdb::Env> memory(rocksdb::NewMemEnv(rocksdb::Env::Default()));
  const auto open = [&](std::string_view url) {
    auto store = OpenStore(url, {.data_dir = "elsewhere", .env = memory.get()});
    EXPECT_TRUE(store.ok()) << store.status();
    return *std::move(store);
  };
  const Subject subject = AddSubject(*open("rocksdb:/data"), "acme");
  const auto found = open("/data")->FindCustomer(kReadAll, subject.tenant, "acme");
  ASSERT_TRUE(found.ok()) << found.status();
  EXPECT_EQ(*found, subject.customer);
}

}  // namespace
}  // namespace owo::storage
