# shellcheck shell=bash disable=SC2034
# Debian's MariaDB 10.11, which speaks MySQL's protocol, also under MySQL's name.
names=(mysql:8 mysql:8.0 mysql:latest mariadb:10 mariadb:10.11 mariadb:latest)
versions=$(debian_versions mariadb-server)
fill() {
  begin "$1"
  unpack "$1" mariadb-server mariadb-client gosu
  user "$1" mysql 999 /var/lib/mysql
  install -d -o 999 -g 999 "$1"/run/mysqld "$1"/var/lib/mysql
  mkdir -p "$1/docker-entrypoint-initdb.d" "$1/etc/mysql"
  ln -sf mariadbd "$1/usr/sbin/mysqld"
  printf '[mysqld]\nuser=mysql\nskip-host-cache\nskip-name-resolve\nsocket=/run/mysqld/mysqld.sock\n[client]\nsocket=/run/mysqld/mysqld.sock\n' > "$1/etc/mysql/my.cnf"
  install -m 755 "$folder/docker-entrypoint.sh" "$1/usr/local/bin/"
}
