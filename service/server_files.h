// Keeps the files of the server private to its user: directories 0700, files 0600.
//
//   MakeNewFilesPrivate();          // before any file is created
//   MakePrivate("./var");           // files created earlier, by former releases

#ifndef OWO_SERVICE_SERVER_FILES_H_
#define OWO_SERVICE_SERVER_FILES_H_

#include <string>

#include "absl/status/status.h"

namespace owo::service {

// Sets the umask of this process, for files created from now on.
void MakeNewFilesPrivate();

// Removes all permissions of other users from the directories of a store, which protects everything
// in them. Does not change the data directory itself if it belongs to another user (as the root of
// a mounted volume may), is shared (sticky bit), or contains other things than a store.
// PERMISSION_DENIED if the database is still open to other users afterwards.
absl::Status MakePrivate(const std::string& data_dir);

}  // namespace owo::service

#endif  // OWO_SERVICE_SERVER_FILES_H_
