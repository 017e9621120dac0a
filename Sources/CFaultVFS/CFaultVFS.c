// A VFS in front of SQLite's own that can lose what was not synced. SQLite's "VFS shims" are described at
// https://www.sqlite.org/vfs.html; what a disk may do at a power cut at https://www.sqlite.org/atomiccommit.html.

#include "CFaultVFS.h"

#include <fcntl.h>
#include <pthread.h>
#include <sqlite3.h>
#include <stdlib.h>
#include <string.h>
#include <sys/stat.h>
#include <unistd.h>

enum { SECTOR = 512 };

/// A write or a truncation that was not synced: how it was, and how it is.
typedef struct Piece {
    sqlite3_int64 offset;
    int amount;
    sqlite3_int64 size_before;
    int had;              // bytes of `before` that were in the file
    unsigned char *before;
    unsigned char *after; // NULL for a truncation to `offset`
    struct Piece *previous;
} Piece;

typedef struct Record {
    char *path;
    Piece *last;
    int count;
    struct Record *next;
} Record;

typedef struct Folder {
    char *path;
    size_t length;
    int ignores_sync;
    int open_files;
    Record *records;
    struct Folder *next;
} Folder;

typedef struct {
    sqlite3_file base;
    Folder *folder; // NULL for a file that nobody watches
    char *path;
    // The file of the usual VFS follows.
} File;

static pthread_mutex_t lock = PTHREAD_MUTEX_INITIALIZER;
static Folder *folders;
static sqlite3_vfs *usual;
static sqlite3_vfs shim;
static faultvfs_decision decide;
static __thread int skips_sleep;

static sqlite3_file *real_file(sqlite3_file *file) {
    return (sqlite3_file *)((char *)file + sizeof(File));
}

// MARK: - What is not synced

static Folder *folder_of(const char *path) {
    if (path == NULL) return NULL;
    for (Folder *folder = folders; folder; folder = folder->next)
        if (strncmp(path, folder->path, folder->length) == 0) return folder;
    return NULL;
}

static Folder *find_folder(const char *path) {
    for (Folder *folder = folders; folder; folder = folder->next)
        if (strcmp(path, folder->path) == 0) return folder;
    return NULL;
}

static Record *record_of(Folder *folder, const char *path, int makes) {
    for (Record *record = folder->records; record; record = record->next)
        if (strcmp(record->path, path) == 0) return record;
    if (!makes) return NULL;
    Record *record = calloc(1, sizeof(Record));
    record->path = strdup(path);
    record->next = folder->records;
    folder->records = record;
    return record;
}

static void forget_pieces(Record *record) {
    while (record->last) {
        Piece *piece = record->last;
        record->last = piece->previous;
        free(piece->before);
        free(piece->after);
        free(piece);
    }
    record->count = 0;
}

static void remember(
    sqlite3_file *file, const void *data, int amount, sqlite3_int64 offset) {
    File *own = (File *)file;
    sqlite3_file *real = real_file(file);
    Piece *piece = calloc(1, sizeof(Piece));
    piece->offset = offset;
    piece->amount = amount;
    real->pMethods->xFileSize(real, &piece->size_before);
    sqlite3_int64 there = piece->size_before - offset;
    if (data == NULL) piece->amount = there > 0 ? (int)there : 0;
    piece->had = there <= 0 ? 0 : there < piece->amount ? (int)there : piece->amount;
    if (piece->had > 0) {
        piece->before = malloc((size_t)piece->had);
        real->pMethods->xRead(real, piece->before, piece->had, offset);
    }
    if (data != NULL) {
        piece->after = malloc((size_t)amount);
        memcpy(piece->after, data, (size_t)amount);
    }
    pthread_mutex_lock(&lock);
    Record *record = record_of(own->folder, own->path, 1);
    piece->previous = record->last;
    record->last = piece;
    record->count++;
    pthread_mutex_unlock(&lock);
}

static void put(int descriptor, const unsigned char *bytes, int amount, sqlite3_int64 offset) {
    while (amount > 0) {
        ssize_t count = pwrite(descriptor, bytes, (size_t)amount, (off_t)offset);
        if (count <= 0) return;
        bytes += count;
        offset += count;
        amount -= (int)count;
    }
}

static uint64_t next_random(uint64_t *state) {
    uint64_t z = (*state += 0x9E3779B97F4A7C15u);
    z = (z ^ (z >> 30)) * 0xBF58476D1CE4E5B9u;
    z = (z ^ (z >> 27)) * 0x94D049BB133111EBu;
    return z ^ (z >> 31);
}

static void lose_some(Record *record, uint64_t seed, int everything) {
    int descriptor = open(record->path, O_RDWR | O_CLOEXEC);
    if (descriptor < 0) return;
    // Back to what was synced …
    Piece *first = NULL;
    Piece **in_order = calloc((size_t)record->count + 1, sizeof(Piece *));
    int number = record->count;
    for (Piece *piece = record->last; piece; piece = piece->previous) {
        in_order[--number] = piece;
        put(descriptor, piece->before, piece->had, piece->offset);
        first = piece;
    }
    if (first && ftruncate(descriptor, (off_t)first->size_before) != 0) { /* it is as large as it is */
    }
    // … and forward again with what happened to reach the disk, in any order that a disk may choose.
    for (int i = 0; i < record->count && !everything; i++) {
        Piece *piece = in_order[i];
        uint64_t fate = next_random(&seed) % 3;
        if (fate == 0) continue;
        if (piece->after == NULL) {
            if (ftruncate(descriptor, (off_t)piece->offset) != 0) break;
            continue;
        }
        for (int at = 0; at < piece->amount; at += SECTOR) {
            if (fate == 2 && next_random(&seed) % 2 == 0) continue;
            int amount = piece->amount - at < SECTOR ? piece->amount - at : SECTOR;
            put(descriptor, piece->after + at, amount, piece->offset + at);
        }
    }
    free(in_order);
    close(descriptor);
}

// MARK: - A file

static int ask(File *file, int operation) {
    return file->folder ? decide(file->path, operation) : SQLITE_OK;
}

static int vfs_close(sqlite3_file *file) {
    File *own = (File *)file;
    sqlite3_file *real = real_file(file);
    int result = real->pMethods ? real->pMethods->xClose(real) : SQLITE_OK;
    free(own->path);
    own->path = NULL;
    pthread_mutex_lock(&lock);
    if (own->folder) own->folder->open_files--;
    pthread_mutex_unlock(&lock);
    return result;
}

static int vfs_read(sqlite3_file *file, void *buffer, int amount, sqlite3_int64 offset) {
    sqlite3_file *real = real_file(file);
    return real->pMethods->xRead(real, buffer, amount, offset);
}

static int vfs_write(sqlite3_file *file, const void *data, int amount, sqlite3_int64 offset) {
    sqlite3_file *real = real_file(file);
    int result = ask((File *)file, FAULTVFS_WRITE);
    if (result != SQLITE_OK) return result;
    if (((File *)file)->folder) remember(file, data, amount, offset);
    result = real->pMethods->xWrite(real, data, amount, offset);
    return result != SQLITE_OK ? result : ask((File *)file, FAULTVFS_WRITTEN);
}

static int vfs_truncate(sqlite3_file *file, sqlite3_int64 size) {
    sqlite3_file *real = real_file(file);
    int result = ask((File *)file, FAULTVFS_TRUNCATE);
    if (result != SQLITE_OK) return result;
    if (((File *)file)->folder) remember(file, NULL, 0, size);
    return real->pMethods->xTruncate(real, size);
}

static int vfs_sync(sqlite3_file *file, int flags) {
    File *own = (File *)file;
    sqlite3_file *real = real_file(file);
    if (!own->folder) return real->pMethods->xSync(real, flags);
    int result = ask(own, FAULTVFS_SYNC);
    if (result != SQLITE_OK) return result;
    pthread_mutex_lock(&lock);
    Record *record = record_of(own->folder, own->path, 0);
    if (record && !own->folder->ignores_sync) forget_pieces(record);
    pthread_mutex_unlock(&lock);
    return ask(own, FAULTVFS_SYNCED);
}

static int vfs_file_size(sqlite3_file *file, sqlite3_int64 *size) {
    sqlite3_file *real = real_file(file);
    return real->pMethods->xFileSize(real, size);
}

static int vfs_lock(sqlite3_file *file, int level) {
    sqlite3_file *real = real_file(file);
    return real->pMethods->xLock(real, level);
}

static int vfs_unlock(sqlite3_file *file, int level) {
    sqlite3_file *real = real_file(file);
    return real->pMethods->xUnlock(real, level);
}

static int vfs_check_reserved_lock(sqlite3_file *file, int *result) {
    sqlite3_file *real = real_file(file);
    return real->pMethods->xCheckReservedLock(real, result);
}

static int vfs_file_control(sqlite3_file *file, int operation, void *argument) {
    sqlite3_file *real = real_file(file);
    return real->pMethods->xFileControl(real, operation, argument);
}

static int vfs_sector_size(sqlite3_file *file) {
    sqlite3_file *real = real_file(file);
    return real->pMethods->xSectorSize(real);
}

static int vfs_device_characteristics(sqlite3_file *file) {
    sqlite3_file *real = real_file(file);
    return real->pMethods->xDeviceCharacteristics(real);
}

static int vfs_shm_map(
    sqlite3_file *file, int page, int size, int extends, void volatile **memory) {
    sqlite3_file *real = real_file(file);
    return real->pMethods->xShmMap(real, page, size, extends, memory);
}

static int vfs_shm_lock(sqlite3_file *file, int offset, int count, int flags) {
    sqlite3_file *real = real_file(file);
    return real->pMethods->xShmLock(real, offset, count, flags);
}

static void vfs_shm_barrier(sqlite3_file *file) {
    sqlite3_file *real = real_file(file);
    real->pMethods->xShmBarrier(real);
}

static int vfs_shm_unmap(sqlite3_file *file, int deletes) {
    sqlite3_file *real = real_file(file);
    return real->pMethods->xShmUnmap(real, deletes);
}

/// Version 2: without memory-mapped reading, past which nothing could look.
static const sqlite3_io_methods methods = {
    2, vfs_close, vfs_read, vfs_write, vfs_truncate, vfs_sync, vfs_file_size, vfs_lock,
    vfs_unlock, vfs_check_reserved_lock, vfs_file_control, vfs_sector_size,
    vfs_device_characteristics, vfs_shm_map, vfs_shm_lock, vfs_shm_barrier, vfs_shm_unmap, NULL,
    NULL,
};

// MARK: - The file system

static int vfs_open(
    sqlite3_vfs *vfs, const char *path, sqlite3_file *file, int flags, int *out_flags) {
    (void)vfs;
    File *own = (File *)file;
    own->base.pMethods = NULL;
    own->path = NULL;
    pthread_mutex_lock(&lock);
    own->folder = folder_of(path);
    pthread_mutex_unlock(&lock);
    if (own->folder) {
        int result = decide(path, FAULTVFS_OPEN);
        if (result != SQLITE_OK) return result;
        own->path = strdup(path);
    }
    int result = usual->xOpen(usual, path, real_file(file), flags, out_flags);
    if (real_file(file)->pMethods) {
        own->base.pMethods = &methods;
        pthread_mutex_lock(&lock);
        if (own->folder) own->folder->open_files++;
        pthread_mutex_unlock(&lock);
    } else {
        free(own->path);
    }
    return result;
}

static int vfs_delete(sqlite3_vfs *vfs, const char *path, int syncs_folder) {
    (void)vfs;
    pthread_mutex_lock(&lock);
    Folder *folder = folder_of(path);
    pthread_mutex_unlock(&lock);
    if (!folder) return usual->xDelete(usual, path, syncs_folder);
    int result = decide(path, FAULTVFS_DELETE);
    if (result != SQLITE_OK) return result;
    pthread_mutex_lock(&lock);
    Record *record = record_of(folder, path, 0);
    if (record) forget_pieces(record);
    pthread_mutex_unlock(&lock);
    return usual->xDelete(usual, path, 0);
}

static int vfs_sleep(sqlite3_vfs *vfs, int microseconds) {
    (void)vfs;
    return skips_sleep ? microseconds : usual->xSleep(usual, microseconds);
}

int faultvfs_install(faultvfs_decision decision) {
    if (usual) return SQLITE_OK;
    usual = sqlite3_vfs_find(NULL);
    if (!usual) return SQLITE_ERROR;
    decide = decision;
    // All that is not about files goes to the usual one, by its own functions.
    shim = *usual;
    shim.zName = "fault";
    shim.pNext = NULL;
    shim.szOsFile = (int)sizeof(File) + usual->szOsFile;
    shim.xOpen = vfs_open;
    shim.xDelete = vfs_delete;
    shim.xSleep = vfs_sleep;
    return sqlite3_vfs_register(&shim, 1);
}

void faultvfs_watch(const char *path) {
    Folder *folder = calloc(1, sizeof(Folder));
    folder->path = strdup(path);
    folder->length = strlen(path);
    pthread_mutex_lock(&lock);
    folder->next = folders;
    folders = folder;
    pthread_mutex_unlock(&lock);
}

void faultvfs_unwatch(const char *path) {
    pthread_mutex_lock(&lock);
    for (Folder **place = &folders; *place; place = &(*place)->next) {
        Folder *folder = *place;
        if (strcmp(folder->path, path) != 0) continue;
        *place = folder->next;
        while (folder->records) {
            Record *record = folder->records;
            folder->records = record->next;
            forget_pieces(record);
            free(record->path);
            free(record);
        }
        free(folder->path);
        free(folder);
        break;
    }
    pthread_mutex_unlock(&lock);
}

void faultvfs_ignore_sync(const char *path, int ignores) {
    pthread_mutex_lock(&lock);
    Folder *folder = find_folder(path);
    if (folder) folder->ignores_sync = ignores;
    pthread_mutex_unlock(&lock);
}

void faultvfs_settle(const char *path) {
    pthread_mutex_lock(&lock);
    Folder *folder = find_folder(path);
    for (Record *record = folder ? folder->records : NULL; record; record = record->next)
        forget_pieces(record);
    pthread_mutex_unlock(&lock);
}

static uint64_t hash_of(const char *text) {
    uint64_t hash = 0xCBF29CE484222325u;
    for (; *text; text++) hash = (hash ^ (unsigned char)*text) * 0x100000001B3u;
    return hash;
}

void faultvfs_lose(const char *path, uint64_t seed, int everything) {
    pthread_mutex_lock(&lock);
    Folder *folder = find_folder(path);
    for (Record *record = folder ? folder->records : NULL; record; record = record->next) {
        // By the file's own name: the folder's differs from run to run.
        const char *name = strrchr(record->path, '/');
        lose_some(record, seed ^ hash_of(name ? name : record->path), everything);
        forget_pieces(record);
    }
    pthread_mutex_unlock(&lock);
}

int faultvfs_open_files(const char *path) {
    pthread_mutex_lock(&lock);
    Folder *folder = find_folder(path);
    int count = folder ? folder->open_files : 0;
    pthread_mutex_unlock(&lock);
    return count;
}

void faultvfs_skip_sleep(int skips) { skips_sleep = skips; }
