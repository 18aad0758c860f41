// Package bucket answers as an S3 bucket does, from a directory.
//
// A [Bucket] is the directory, an [Endpoint] is how one origin of a distribution
// reaches it: S3's REST endpoint or its website endpoint, with or without the
// permission to list. Rows S3-01 to S3-39 of the request ledger say what S3 answers.
//
// Nothing is kept of a file but its ETag: what is written to the directory is served
// from the next request on, and the directory itself may be deleted and made again,
// as build tools do.
//
// What is an object is what "aws s3 sync" would have uploaded: every regular file,
// those whose names begin with a dot included, also through symbolic links that stay
// inside of the directory. A link that leads out of it, a device and a socket are no
// objects. The file _headers at the root is none either: it says which headers the
// others have. [S3-38]
package bucket
