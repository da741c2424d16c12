// Computes which parts of a contract PutCustomer (storage/commands.h) has to write.
//
//   PutCustomer{record, ChangesOf(changed, stored.contract)}

#ifndef OWO_STORAGE_CONTRACT_H_
#define OWO_STORAGE_CONTRACT_H_

#include "storage/records.pb.h"

namespace owo::storage {

// `contract`, with only those subscriptions that are new or differ from the ones in `before`.
// Comparing them here keeps that work off the writing thread: a customer may have hundreds of
// subscriptions, each with kilobytes of metadata.
ContractRecord ChangesOf(ContractRecord contract, const ContractRecord& before);

}  // namespace owo::storage

#endif  // OWO_STORAGE_CONTRACT_H_
