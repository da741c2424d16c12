// What of a contract is to be put: storage/commands.h, PutCustomer.
//
//   PutCustomer{record, ChangesOf(changed, stored.contract)}

#ifndef OWO_STORAGE_CONTRACT_H_
#define OWO_STORAGE_CONTRACT_H_

#include "storage/records.pb.h"

namespace owo::storage {

// The contract, of its subscriptions only those that are new or differ from the ones in `before`.
// Comparing them here keeps that off the thread that writes: a customer may have hundreds, each
// with kilobytes of metadata.
ContractRecord ChangesOf(ContractRecord contract, const ContractRecord& before);

}  // namespace owo::storage

#endif  // OWO_STORAGE_CONTRACT_H_
