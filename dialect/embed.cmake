# Writes the bytes of INPUT as a C array named SYMBOL into OUTPUT.
file(READ ${INPUT} hex HEX)
string(REGEX REPLACE "(..)" "0x\\1," bytes "${hex}")
file(WRITE ${OUTPUT} "// Generated from the .irdl file.
extern const char ${SYMBOL}[];
const char ${SYMBOL}[] = {${bytes}0};
")
