package bucket

import (
	"io/fs"
	"net/url"
	"path/filepath"
	"strings"
	"unicode/utf8"

	"staleproof/proxy/headers"
)

// maxKeyBytes is the longest key. [S3-37]
const maxKeyBytes = 1024

// keyOf is the key that the path of a request names: what follows the first slash,
// decoded; a + is a space. [S3-05], [S3-26]
func keyOf(path string) (string, *problem) {
	key, err := url.PathUnescape(strings.ReplaceAll(strings.TrimPrefix(path, "/"), "+", "%20"))
	switch {
	case err != nil || !utf8.ValidString(key):
		return "", invalidURI()
	case len(key) > maxKeyBytes:
		return "", keyTooLong(key)
	}
	return key, nil
}

// fileOf is the file that a key was uploaded from, "" when no file can have been: a
// key with an empty part, with "." or ".." as one, or with what the system's file
// names cannot hold.
func fileOf(key string) string {
	if !fs.ValidPath(key) || key == "." || key == headers.FileName || strings.ContainsRune(key, 0) {
		return ""
	}
	if filepath.Separator != '/' && strings.ContainsRune(key, filepath.Separator) {
		return ""
	}
	name := filepath.FromSlash(key)
	if !filepath.IsLocal(name) {
		return ""
	}
	return name
}
