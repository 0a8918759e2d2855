/* How can one source be three builds in one program? Every file of this folder but kernels.c is
 * compiled once per instruction set, with -DMF_BUILD=avx512, avx2 or portable (the default) and the
 * matching -m flags; MF_OWN(name) is then the name of a function in this build. Only the table
 * MF_OWN(kernels) is for others. */
#ifndef MF_TRAIN_KERNELS_BUILD_H
#define MF_TRAIN_KERNELS_BUILD_H

#ifndef MF_BUILD
#define MF_BUILD portable
#endif

#define MF_PASTE_3(a, b, c) a##b##c
#define MF_PASTE(a, b, c)   MF_PASTE_3(a, b, c)
#define MF_OWN(name)        MF_PASTE(mf_, MF_BUILD, _##name)
#define MF_QUOTE_1(text)    #text
#define MF_QUOTE(text)      MF_QUOTE_1(text)

#endif
