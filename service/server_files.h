// What the server writes is for its own user only: directories 0700, files 0600.
//
//   MakeNewFilesPrivate();          // before any file is made
//   MakePrivate("./var");           // that was made without, as former releases did

#ifndef OWO_SERVICE_SERVER_FILES_H_
#define OWO_SERVICE_SERVER_FILES_H_

#include <string>

#include "absl/status/status.h"

namespace owo::service {

// Of this process, from here on.
void MakeNewFilesPrivate();

// Takes all permissions of others from the directories of a store, which keeps them from all that
// is in there. Leaves the data directory itself alone where it belongs to another user, as the root
// of a mounted volume may be, where it is shared (a sticky bit), and where it holds other things
// than a store. PERMISSION_DENIED when the database is open to others after that.
absl::Status MakePrivate(const std::string& data_dir);

}  // namespace owo::service

#endif  // OWO_SERVICE_SERVER_FILES_H_
