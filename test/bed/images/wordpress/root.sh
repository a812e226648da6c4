# shellcheck shell=bash disable=SC2034
# Debian's WordPress, Apache and PHP.
names=(wordpress:latest wordpress:6 wordpress:apache wordpress:php8.2-apache)
versions=$(debian_versions wordpress apache2 libapache2-mod-php8.2)
fill() {
  local extensions extension order
  begin "$1"
  unpack "$1" wordpress wordpress-theme-twentytwentythree apache2 libapache2-mod-php8.2 php8.2-mysql php8.2-xml php8.2-curl php8.2-mbstring curl
  user "$1" www-data 33 /var/www
  # Debian spreads WordPress over the system by links; the official image has it in one folder
  mkdir -p "$1/usr/src" "$1/var/www/html" "$1/var/log/apache2" "$1/run/apache2"
  chroot "$1" busybox cp -rL /usr/share/wordpress /usr/src/wordpress
  rm -f "$1/usr/src/wordpress/wp-config.php"
  # Debian's install scripts, which did not run, would have switched these on; mysqli needs mysqlnd before it
  extensions=$(basename -a -s .so "$1"/usr/lib/php/2*/*.so)
  for extension in $extensions; do
    order=20; case $extension in mysqlnd | pdo | xml) order=10 ;; opcache) continue ;; esac
    mkdir -p "$1/etc/php/8.2/apache2/conf.d"
    echo "extension=$extension" > "$1/etc/php/8.2/apache2/conf.d/$order-$extension.ini"
  done
  install -m 644 "$folder/apache.conf" "$folder/wp-config.php" "$1/etc/"
  install -m 755 "$folder/docker-entrypoint.sh" "$1/usr/local/bin/"
  printf '#!/bin/sh\nexec apache2 -f /etc/apache.conf -DFOREGROUND "$@"\n' > "$1/usr/local/bin/apache2-foreground"
  chmod 755 "$1/usr/local/bin/apache2-foreground"
}
