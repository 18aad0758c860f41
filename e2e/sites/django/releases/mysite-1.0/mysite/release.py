BUILD_VERSION = 'mysite-1.0'
