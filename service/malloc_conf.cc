// jemalloc returns memory to the system one second after its last use, on background threads.
// Otherwise the memory of a burst of calls stays with the process until it allocates again.

extern "C" {
const char* malloc_conf = "background_thread:true,dirty_decay_ms:1000,muzzy_decay_ms:0";
}
