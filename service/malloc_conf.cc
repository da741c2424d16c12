// How jemalloc returns memory: a second after it was last used, by threads of its own. Otherwise
// what a burst of calls took stays with the process until it allocates again.

extern "C" {
const char* malloc_conf = "background_thread:true,dirty_decay_ms:1000,muzzy_decay_ms:0";
}
