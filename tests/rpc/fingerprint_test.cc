#include "service/rpc/fingerprint.h"

#include <gmock/gmock.h>

#include "absl/strings/escaping.h"
#include "owo/billing/v1/billing.pb.h"

namespace owo::rpc {
namespace {

using owo::billing::v1::FinalizeInvoiceRequest;
using owo::billing::v1::GetInvoiceRequest;
using owo::billing::v1::InvoiceRequest;

InvoiceRequest Request(const std::string& id) {
  InvoiceRequest request;
  request.set_customer("ada");
  request.set_request_id(id);
  for (int i = 0; i < 40; ++i) (*request.mutable_metadata())["k" + std::to_string(i)] = "v";
  return request;
}

// Stored fingerprints outlive the process, so they must not depend on it.
TEST(FingerprintTest, IsTheSameInEveryProcessAndRelease) {
  GetInvoiceRequest request;
  request.set_invoice_id("inv_1");
  EXPECT_EQ(absl::BytesToHexString(Fingerprint(request)),
            absl::BytesToHexString(
                Sha256(std::string("owo.billing.v1.GetInvoiceRequest\0\x0a\x05inv_1", 40))));
  EXPECT_EQ(absl::BytesToHexString(Sha256("abc")),
            "ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad");
}

TEST(FingerprintTest, IsOfTheContentWhateverTheRequestId) {
  const ledger::RequestRef a = RequestRefOf(Request("r1"));
  const ledger::RequestRef b = RequestRefOf(Request("r2"));
  EXPECT_EQ(a.id, "r1");
  EXPECT_EQ(a.fingerprint, b.fingerprint);
  InvoiceRequest other = Request("r1");
  (*other.mutable_metadata())["k7"] = "w";
  EXPECT_NE(RequestRefOf(other).fingerprint, a.fingerprint);
}

TEST(FingerprintTest, TellsTypesApart) {
  GetInvoiceRequest get;
  get.set_invoice_id("inv_1");
  FinalizeInvoiceRequest finalize;
  finalize.set_invoice_id("inv_1");
  EXPECT_NE(Fingerprint(get), Fingerprint(finalize));
}

TEST(FingerprintTest, IsNotTakenOfWhatCannotBeRepeated) {
  EXPECT_EQ(RequestRefOf(Request("")).fingerprint, "");
}

}  // namespace
}  // namespace owo::rpc
