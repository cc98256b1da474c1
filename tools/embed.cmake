# Puts text files into a source file, so that a program needs no files beside it:
#   cmake -D TEMPLATE=embedded.cpp.in -D OUTPUT=embedded.cpp -D "FILES=a.toml;b.toml" -P embed.cmake
# @FILES@ in the template becomes one initialiser {"NAME", R"(CONTENT)"}, for each file; NAME is the file's name without its extension.
# They stand in the order of their names.
list(SORT FILES)
set(initialisers "")
foreach(file IN LISTS FILES)
  get_filename_component(name "${file}" NAME_WLE)
  file(READ "${file}" content)
  string(APPEND initialisers "    {\"${name}\", R\"embedded(${content})embedded\"},\n")
endforeach()
set(FILES "${initialisers}")
configure_file("${TEMPLATE}" "${OUTPUT}" @ONLY)
