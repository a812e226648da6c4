#!/bin/sh
# As the official image: an empty /var/www/html gets WordPress, and a wp-config.php that reads the variables.
set -e
if [ "${1:-}" = apache2-foreground ] && [ ! -e index.php ] && [ ! -e wp-includes/version.php ]; then
  echo "WordPress not found in $PWD - copying now..." >&2
  cp -r /usr/src/wordpress/. .
  cp /etc/wp-config.php wp-config.php
  chown -R www-data:www-data .
  echo 'Complete! WordPress has been successfully copied' >&2
fi
exec "$@"
