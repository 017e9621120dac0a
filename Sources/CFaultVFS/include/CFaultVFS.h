#ifndef CFAULTVFS_H
#define CFAULTVFS_H

#include <stdint.h>

/// What a file is about to suffer, or has suffered.
enum {
    FAULTVFS_OPEN,
    FAULTVFS_WRITE,
    FAULTVFS_WRITTEN,
    FAULTVFS_TRUNCATE,
    FAULTVFS_SYNC,
    FAULTVFS_SYNCED,
    FAULTVFS_DELETE,
};

/// Asked before and after each operation on a watched file.
///
/// Returns 0 to go on, an SQLite result code to fail with it. It is called on the thread that works with
/// SQLite.
typedef int (*faultvfs_decision)(const char *path, int operation);

/// Puts the shim in front of SQLite's usual VFS, for the whole process and once. Files that nobody watches
/// are not touched by it. Returns an SQLite result code.
int faultvfs_install(faultvfs_decision decision);

/// From now on files whose path begins with `folder` are watched: what is written to them and not synced is
/// remembered, and syncing is only noted, not done.
void faultvfs_watch(const char *folder);

/// Forgets the folder and all that is remembered of its files.
void faultvfs_unwatch(const char *folder);

/// Whether a sync of the folder's files is without effect.
void faultvfs_ignore_sync(const char *folder, int ignores);

/// As a sync of all the folder's files would.
void faultvfs_settle(const char *folder);

/// A power cut: of what was written to the folder's files since their last sync a part is lost, by the seed,
/// in pieces of a sector; with `everything` all of it. To be called while no file of the folder is open.
void faultvfs_lose(const char *folder, uint64_t seed, int everything);

/// How many files of the folder are open.
int faultvfs_open_files(const char *folder);

/// Waits of SQLite's own take no time on this thread.
void faultvfs_skip_sleep(int skips);

#endif
