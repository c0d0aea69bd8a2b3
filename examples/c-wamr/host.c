/* Runs Lua in cu.wasm under WAMR, the WebAssembly Micro Runtime; what programs keep in `_home` lies in a file.
   examples/c-wamr/run.sh dist/cu-mvp.wasm home.store [program.lua] */

#include <inttypes.h>
#include <stdio.h>
#include <stdlib.h>
#include <string.h>
#include "wasm_export.h"

/* What every host here runs, under the name with which it shows the outcome. */
static const char *const programs[][2] = {
    {"arithmetic", "return 2 + 2"},
    {"print", "print('hello from Lua') return 6 * 7"},
    {"mistake", "local t = {}\nreturn t.missing.field"},
    {"fuel", "while true do end"},
    {"memory", "local t = {} for i = 1, math.huge do t[i] = ('x'):rep(1000) .. i end"},
    {"counter", "_home.counter = (_home.counter or 0) + 1 return _home.counter"},
};

struct bytes { uint8_t *at; uint32_t len; };
static void fail(const char *what, const char *why) { fprintf(stderr, "%s: %s\n", what, why), exit(1); }

/* The external tables: a list of entries, which will do for an example. */
static struct entry { uint32_t table; struct bytes key, value; } *entries;
static size_t n_entries;

static struct bytes copy(const uint8_t *at, uint32_t len) {
  struct bytes new = {malloc(len + 1), len};
  if (!new.at) fail("store", "no memory");
  return memcpy(new.at, at, len), new;
}

static struct entry *find(uint32_t table, const uint8_t *key, uint32_t len) {
  for (struct entry *e = entries; e != entries + n_entries; e++)
    if (e->table == table && e->key.len == len && memcmp(e->key.at, key, len) == 0) return e;
  return NULL;
}

static void put(uint32_t table, struct bytes key, struct bytes value) {
  if (!(entries = realloc(entries, (n_entries + 1) * sizeof *entries))) fail("store", "no memory");
  entries[n_entries++] = (struct entry){table, key, value};
}

/* The five functions by which the module reaches them. WAMR has checked the addresses (`*~` below). */
static int32_t get(wasm_exec_env_t env, uint32_t table, uint8_t *key, uint32_t key_len, uint8_t *value, uint32_t room) {
  struct entry *e = find(table, key, key_len);
  if (!e) return -1;
  if (e->value.len <= room) memcpy(value, e->value.at, e->value.len);
  return e->value.len; /* If it is more than the room, the module asks again. */
}

static int32_t set(wasm_exec_env_t env, uint32_t table, uint8_t *key, uint32_t key_len, uint8_t *value, uint32_t len) {
  struct entry *e = find(table, key, key_len);
  if (e) free(e->value.at), e->value = copy(value, len);
  else put(table, copy(key, key_len), copy(value, len));
  return 0;
}

static int32_t delete(wasm_exec_env_t env, uint32_t table, uint8_t *key, uint32_t key_len) {
  struct entry *e = find(table, key, key_len);
  if (!e) return -1;
  free(e->key.at), free(e->value.at), *e = entries[--n_entries];
  return 0;
}

static int32_t size(wasm_exec_env_t env, uint32_t table) {
  int32_t n = 0;
  for (struct entry *e = entries; e != entries + n_entries; e++) n += e->table == table;
  return n;
}

static int32_t keys(wasm_exec_env_t env, uint32_t table, uint8_t *list, uint32_t room) {
  uint32_t n = size(env, table), len = 4;
  if (n == 0) return -1; /* An empty table is as good as an unknown one. */
  if (room >= 4) memcpy(list, &n, 4);
  for (struct entry *e = entries; e != entries + n_entries; e++) {
    if (e->table != table) continue;
    uint8_t *at = list + len;
    len += 4 + e->key.len;
    if (len <= room) memcpy(at, &e->key.len, 4), memcpy(at + 4, e->key.at, e->key.len);
  }
  return len;
}

static NativeSymbol store_functions[] = {
    {"js_ext_table_get", get, "(i*~*~)i"}, {"js_ext_table_set", set, "(i*~*~)i"}, {"js_ext_table_size", size, "(i)i"},
    {"js_ext_table_delete", delete, "(i*~)i"}, {"js_ext_table_keys", keys, "(i*~)i"},
};

static struct bytes from_hex(const char *text) {
  struct bytes new = copy((const uint8_t *)text, strlen(text) / 2);
  for (uint32_t i = 0; i < new.len; i++) sscanf(text + 2 * i, "%2" SCNx8, &new.at[i]);
  return new;
}

/* The file has a line for each entry: the table's number, the key and the value in hexadecimal, with tabs between. */
static uint32_t load(const char *name) {
  FILE *file = fopen(name, "r");
  uint32_t table, last = 0;
  char *key, *value;
  while (file && fscanf(file, "%" SCNu32 " %m[0-9a-f] %m[0-9a-f] ", &table, &key, &value) == 3) {
    put(table, from_hex(key), from_hex(value));
    free(key), free(value);
    last = table > last ? table : last;
  }
  if (file) fclose(file);
  return last;
}

static void save(const char *name) {
  char new_name[4096];
  snprintf(new_name, sizeof new_name, "%s.new", name);
  FILE *file = fopen(new_name, "w");
  if (!file) fail(new_name, "cannot be written");
  for (struct entry *e = entries; e != entries + n_entries; e++) {
    fprintf(file, "%" PRIu32 "\t", e->table);
    for (uint32_t i = 0; i < e->key.len; i++) fprintf(file, "%02x", e->key.at[i]);
    fputc('\t', file);
    for (uint32_t i = 0; i < e->value.len; i++) fprintf(file, "%02x", e->value.at[i]);
    fputc('\n', file);
  }
  /* Another name first: the old state is there until the new one is complete. */
  if (fclose(file) != 0 || rename(new_name, name) != 0) fail(name, "cannot be written");
}

static wasm_module_inst_t instance;
static wasm_exec_env_t env;
/* Calls an export; `words` are its arguments and afterwards its result. A 64-bit argument is two words. */
static uint32_t call(const char *name, uint32_t n_words, uint32_t *words) {
  wasm_function_inst_t function = wasm_runtime_lookup_function(instance, name, NULL);
  if (!function) fail(name, "the module does not export this");
  if (!wasm_runtime_call_wasm(env, function, n_words, words)) fail(name, wasm_runtime_get_exception(instance));
  return words[0];
}

/* Runs a program and prints what it printed, and its result or error. */
static void run(struct bytes program) {
  uint32_t buffer = call("get_buffer_ptr", 0, (uint32_t[1]){0});
  uint8_t *at = wasm_runtime_addr_app_to_native(instance, buffer);
  memcpy(at, program.at, program.len);
  int32_t told = call("compute", 2, (uint32_t[]){buffer, program.len});
  if (told < 0) {
    printf("error: %.*s\n", -told - 1, (char *)at);
    return;
  }
  uint32_t n, word;
  int64_t integer;
  double number;
  memcpy(&n, at, 4);
  fwrite(at + 4, 1, n, stdout);
  const uint8_t *value = at + 4 + n;
  memcpy(&word, value + 1, 4), memcpy(&integer, value + 1, 8), memcpy(&number, value + 1, 8);
  switch (value[0]) {
    case 0: puts("nil"); break;
    case 1: puts(value[1] ? "true" : "false"); break;
    case 2: printf("%" PRId64 "\n", integer); break;
    case 3: printf("%.17g\n", number); break;
    case 4: fwrite(value + 5, 1, word, stdout), putchar('\n'); break;
    case 5: printf("table %" PRIu32 "\n", word); break;
    default: puts("function");
  }
}

static struct bytes read_file(const char *name) {
  FILE *file = fopen(name, "rb");
  if (!file || fseek(file, 0, SEEK_END) != 0) fail(name, "cannot be read");
  uint32_t len = ftell(file);
  struct bytes all = {malloc(len + 1), len};
  rewind(file);
  if (!all.at || fread(all.at, 1, len, file) != len || fclose(file) != 0) fail(name, "cannot be read");
  return all;
}

int main(int argc, char **argv) {
  char why[128];
  if (argc < 3) fail("usage", "run.sh MODULE STORE [PROGRAM]");
  struct bytes module_bytes = read_file(argv[1]);
  uint32_t last_table = load(argv[2]);
  if (!wasm_runtime_init()) fail("WAMR", "cannot begin");
  wasm_runtime_register_natives("env", store_functions, sizeof store_functions / sizeof *store_functions);
  wasm_module_t module = wasm_runtime_load(module_bytes.at, module_bytes.len, why, sizeof why);
  if (!module) fail(argv[1], why);
  instance = wasm_runtime_instantiate(module, 256 * 1024, 0, why, sizeof why);
  if (!instance) fail(argv[1], why);
  env = wasm_runtime_create_exec_env(instance, 256 * 1024);
  if (call("init", 0, (uint32_t[1]){0}) != 0) fail("init", "there is no memory for Lua");
  call("sync_external_table_counter", 1, (uint32_t[]){last_table + 1});
  if (argc > 3) {
    run(read_file(argv[3]));
  } else {
    call("set_fuel", 2, (uint32_t[]){1000000, 0});
    call("set_memory_limit", 1, (uint32_t[]){8 << 20});
    for (size_t i = 0; i < sizeof programs / sizeof *programs; i++) {
      printf("%s: ", programs[i][0]);
      run((struct bytes){(uint8_t *)programs[i][1], strlen(programs[i][1])});
    }
  }
  save(argv[2]);
}
