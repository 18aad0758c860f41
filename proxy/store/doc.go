// Package store keeps stored responses: ready to serve in memory, as bytes behind
// it.
//
// # Two levels
//
// [Memory] holds stored responses decoded and ready to be written out, bounded by
// bytes. Behind it may stand any httpcache.Cache, shared or lasting, see [Open].
// [Store] is both together. A hit in memory parses nothing and allocates nothing.
//
// # Values behind
//
// One version byte, a checksum (CRC-32C) of all that follows, the length of the
// head, the head as JSON, the body. The key is the hash of the cache key; the full
// key stands in the head. A value with another version, another key, another
// epoch, or that is cut or corrupt is a miss, so an old or damaged store is
// harmless. Nothing has a TTL of the store's: stale responses are needed for
// revalidation and for origin failures.
//
// # Bodies in files
//
// A [Spool] puts a body into a file when it outgrows its limit. Such a body stays
// in its file as long as it is stored in memory. Behind memory, a body of up to
// [Options].LargeBytes goes as bytes, wherever it was. A larger one is not put into
// the byte store: if [Options].Dir names a lasting directory the value names the
// file instead of holding the body, and without one it is not written behind.
//
// All body files together are bounded by [Options].FileBytes; the oldest go first.
// Bodies that are still growing are not counted.
//
// # Epochs
//
// The seam has no listing and no errors. So everything behind carries the epoch of
// the [Record]s it was stored with: when the list of invalidations is lost, or a part
// of it, the epoch is, and nothing that an unknown invalidation may cover is ever used.
// [Store.Forget] begins a new epoch, and a new list. One Store writes behind at a time; others on
// the same store read what it wrote before they began.
package store
