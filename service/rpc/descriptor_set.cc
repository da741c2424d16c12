// Makes the file of descriptors that is built from proto/ a part of the program: reflection.cc
// reads the bytes between the two symbols.

// clang-format off
asm(".section .rodata\n"
    ".global owo_descriptor_set, owo_descriptor_set_end\n"
    "owo_descriptor_set: .incbin \"" OWO_DESCRIPTOR_SET "\"\n"
    "owo_descriptor_set_end:\n"
    ".previous\n");
// clang-format on
