package site

import (
	"bytes"
	"path"
	"strings"
)

// mediaTypes is our own list, because the system's differs from machine to machine
// and a verdict must not.
var mediaTypes = map[string]string{
	".html": "text/html", ".htm": "text/html", ".xhtml": "application/xhtml+xml",
	".css": "text/css", ".js": "text/javascript", ".mjs": "text/javascript", ".cjs": "text/javascript",
	".json": "application/json", ".map": "application/json", ".webmanifest": "application/manifest+json",
	".svg": "image/svg+xml", ".png": "image/png", ".jpg": "image/jpeg", ".jpeg": "image/jpeg",
	".gif": "image/gif", ".webp": "image/webp", ".avif": "image/avif", ".ico": "image/x-icon", ".bmp": "image/bmp",
	".woff": "font/woff", ".woff2": "font/woff2", ".ttf": "font/ttf", ".otf": "font/otf", ".eot": "application/vnd.ms-fontobject",
	".mp4": "video/mp4", ".webm": "video/webm", ".mov": "video/quicktime", ".mp3": "audio/mpeg", ".ogg": "audio/ogg", ".wav": "audio/wav",
	".wasm": "application/wasm", ".pdf": "application/pdf", ".xml": "application/xml", ".txt": "text/plain", ".md": "text/markdown",
	".csv": "text/csv", ".vtt": "text/vtt", ".zip": "application/zip", ".gz": "application/gzip", ".br": "application/x-brotli",
}

// MediaTypeOf returns the media type of a file from its name, lower case and without
// parameters. Unknown extensions are application/octet-stream; a file without
// extension is text/html when head begins like a document, as it does where clean
// URLs are uploaded to a bucket.
func MediaTypeOf(name string, head []byte) string {
	ext := strings.ToLower(path.Ext(name))
	if t, ok := mediaTypes[ext]; ok {
		return t
	}
	if ext == "" {
		h := bytes.ToLower(bytes.TrimLeft(head[:min(len(head), 512)], "\ufeff \t\r\n"))
		if bytes.HasPrefix(h, []byte("<!doctype html")) || bytes.HasPrefix(h, []byte("<html")) {
			return "text/html"
		}
	}
	return "application/octet-stream"
}

// searched says whether files of a media type are searched for references.
func searched(mediaType string) bool {
	switch mediaType {
	case "text/html", "application/xhtml+xml", "text/css", "text/javascript", "image/svg+xml", "application/manifest+json":
		return true
	}
	return false
}

func isPage(mediaType string) bool {
	return mediaType == "text/html" || mediaType == "application/xhtml+xml"
}
