# Turns text files into initialisers {"NAME", R"(CONTENT)"}, one for each file, so that a program needs no files beside it:
#   cmake -D OUTPUT=scenarios.inc -D "FILES=a.toml;b.toml" -P embed.cmake
# NAME is the file's name without its extension. In the order of the names, whatever order the files were given in.
list(SORT FILES)
set(text "")
foreach(file IN LISTS FILES)
  get_filename_component(name "${file}" NAME_WLE)
  file(READ "${file}" content)
  string(APPEND text "{\"${name}\", R\"embedded(${content})embedded\"},\n")
endforeach()
file(WRITE "${OUTPUT}" "${text}")
